# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that are held against each other, by name. Each starts with what it needs, and ends with all of it."""
import inputs
import server


class Subject:
    """A running server, and the processes that do its work."""

    def __init__(self, name, running, *resources):
        self.name = name
        self.running = running
        self._resources = (running, *resources)

    @property
    def port(self):
        return self.running.port

    def pids(self):
        return [resource.process.pid for resource in self._resources if getattr(resource, "process", None)]

    def close(self):
        for resource in self._resources:
            resource.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def pdns(name, backend=None, approvals=None, form="jsonl", files=1, **options):
    """`approvals`: how many the policy has; None: a server without the module."""
    module = approvals is not None
    running = server.Pdns(backend, module, **options)
    subject = Subject(name, running, *([backend] if backend else []))
    try:
        if module:
            inputs.write_policy(running.policy_folder, approvals, form, files, zones=backend is None)
        running.start()
    except BaseException:
        subject.close()
        raise
    return subject
