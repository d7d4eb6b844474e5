"""Amounts and reasons of the simulator, in the store's currency."""

from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from hq import cells
from pos.config import StoreConfig
from pricing.engine.explain import sentence
from pricing.engine.model import Reason
from pricing.engine.money import decimals_of

register = template.Library()


@register.simple_tag
def sim_money(amount: Decimal, store: StoreConfig) -> SafeString:
    """An amount of the store's currency."""
    decimals = decimals_of(amount, store.currency.decimals)
    return cells.money(amount, symbol=store.currency_symbol, decimals=decimals)


@register.simple_tag
def sim_money_off(amount: Decimal, store: StoreConfig) -> SafeString:
    """What is taken off: the same below zero."""
    return sim_money(-amount, store)


@register.simple_tag
def reason_words(reason: Reason, store: StoreConfig) -> str:
    """What the engine has to say of the whole basket."""
    return sentence(reason, store.money)
