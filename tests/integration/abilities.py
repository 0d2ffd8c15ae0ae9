# SPDX-License-Identifier: GPL-2.0-or-later
"""What the machine lets a test do: a container may have no right to mount, to trace, or to make namespaces."""
import subprocess


def _may(*words):
    try:
        return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False).returncode == 0
    except OSError:
        return False


def may_mount():
    return _may("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt")


def may_trace():
    return _may("strace", "-o", "/dev/null", "true")


def may_make_networks():
    return _may("unshare", "--user", "--map-root-user", "--net", "ip", "link", "set", "lo", "up")


def may_limit_inotify():
    return _may("unshare", "--user", "--map-root-user", "sh", "-c", "echo 0 > /proc/sys/user/max_inotify_instances")
