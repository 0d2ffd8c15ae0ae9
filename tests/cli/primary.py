# SPDX-License-Identifier: GPL-2.0-or-later
"""NSD as the primary of zones in files, which it also transfers."""
import command  # makes the modules of the integration tests known

import dns_client
import secondaries

assert command


class Primary(secondaries.Nsd):
    """Primary({"example.com": text}).start(): until close()."""

    def __init__(self, zones):
        super().__init__(list(zones))
        for zone, text in zones.items():
            with open(f"{self.folder}/{zone}.zone", "w", encoding="utf-8") as file:
                file.write(text)

    def configuration(self, primary_port):
        program = super().configuration(primary_port)
        with open(f"{self.folder}/nsd.conf", encoding="utf-8") as file:
            lines = [line for line in file if "request-xfr" not in line]
        with open(f"{self.folder}/nsd.conf", "w", encoding="utf-8") as file:
            file.writelines(line.replace("allow-notify", "provide-xfr") for line in lines)
        return program

    def start(self, primary_port=0):
        return super().start(primary_port)

    def climb(self, name):
        """The CAA that a CA finds for a name (RFC 8659 3); none: []."""
        while name:
            if found := dns_client.dig(self.port, name, "CAA").data("CAA"):
                return found
            name = name.partition(".")[2]
        return []
