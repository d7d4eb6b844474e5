"""Code 128 (ISO/IEC 15417), code set B with set C for runs of figures: widths of bars and spaces. Pure."""

from itertools import groupby

WIDTHS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
]
STOP = "2331112"
START_B, START_C, TO_C, TO_B = 104, 105, 99, 100


def code128_bars(text: str) -> list[int]:
    """Widths in modules, bar and space in turn, of a symbol for printable ASCII; others become a question mark."""
    values = _values("".join(sign if " " <= sign <= "~" else "?" for sign in text))
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
    return [int(width) for value in (*values, check) for width in WIDTHS[value]] + [
        int(width) for width in STOP
    ]


def _values(text: str) -> list[int]:
    values: list[int] = []
    in_c = False
    for figures, run in groupby(text, key=lambda sign: sign.isdigit()):
        part = "".join(run)
        if figures and len(part) >= 4:
            if len(part) % 2:
                values += _switch(values, in_c, to_c=False)
                in_c = False
                values.append(ord(part[0]) - 32)
                part = part[1:]
            values += _switch(values, in_c, to_c=True)
            in_c = True
            values += [int(part[at : at + 2]) for at in range(0, len(part), 2)]
            continue
        values += _switch(values, in_c, to_c=False)
        in_c = False
        values += [ord(sign) - 32 for sign in part]
    return values


def _switch(values: list[int], in_c: bool, *, to_c: bool) -> list[int]:
    if not values:
        return [START_C if to_c else START_B]
    if to_c == in_c:
        return []
    return [TO_C if to_c else TO_B]
