"""What the device lab serves: the emulated devices of the demo store."""

from config.routes import mount

urlpatterns = mount("", "hardware.lab.urls")
