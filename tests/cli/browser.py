# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium, for pages that the command writes."""
import base64

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service


class Browser(webdriver.Chrome):
    def __init__(self, scratch, scripts=True):
        options = Options()
        # Without --no-sandbox it doesn't start for root; /dev/shm is small in containers.
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={scratch}",
                         "--window-size=1280,900"):
            options.add_argument(argument)
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        super().__init__(service=Service("/usr/bin/chromedriver"), options=options)

    def emulate(self, width=1280, scheme="light", media="screen"):
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def pdf(self):
        return base64.b64decode(self.execute_cdp_cmd("Page.printToPDF", {})["data"])
