"""answer-at-terminal.py ANSWER PATH COMMAND ARGUMENT...: runs a command at a terminal with this PATH, and types the answer after
its question."""

import os
import pty
import sys

answer, path, command = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execve(command[0], command, {**os.environ, "PATH": path})
output = b""
while True:
    try:
        text = os.read(terminal, 4096)
    except OSError:  # Linux reports EIO after the command has ended.
        break
    if not text:
        break
    output += text
    sys.stdout.buffer.write(text)
    sys.stdout.flush()
    if b"[Y/n] " in output and answer:
        os.write(terminal, answer)
        answer = b""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
