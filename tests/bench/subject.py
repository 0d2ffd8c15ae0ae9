# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that are held against each other, by name. Each starts with what it needs, and ends with all of it."""
import inputs
import server


class Subject:
    """A running server: `port`, and the processes that do its work."""

    def __init__(self, name, running, *resources):
        self.name = name
        self.running = running
        self.port = running.port
        self._resources = (running, *resources)

    def pids(self):
        return [resource.process.pid for resource in self._resources if getattr(resource, "process", None)]

    def close(self):
        for resource in self._resources:
            resource.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Subjects:
    """Closes all of them in the end."""

    def __init__(self):
        self._all = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self._all:
            self._all.pop().close()

    def add(self, subject):
        self._all.append(subject)
        return subject


def pdns(name, backend=None, approvals=None, form="jsonl", files=1, **options):
    """`approvals`: how many the policy has; None: a server without the module."""
    module = approvals is not None
    running = server.Pdns(backend, module=module, policy=inputs.root_policy(zones=backend is None) if module else None, **options)
    subject = Subject(name, running, *([backend] if backend else []))
    try:
        if module:
            inputs.write_policy(running.policy_folder, approvals, form, files, zones=backend is None)
        running.start()
        subject.port = running.port
    except BaseException:
        subject.close()
        raise
    return subject
