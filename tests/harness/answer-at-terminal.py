"""answer-at-terminal.py ANSWER COMMAND ARGUMENT...: runs a command at a terminal, and types the answer after its question."""

import os
import pty
import sys

answer, command = sys.argv[1].encode(), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
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
