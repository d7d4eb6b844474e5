#!/usr/bin/env python
"""Django's command line. Without a DATABASE_URL it speaks to the embedded services of this folder."""

import os
import sys

from django.core.management import execute_from_command_line

from config.mode import settings_module

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
    execute_from_command_line(sys.argv)
