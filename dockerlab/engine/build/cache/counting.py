"""What of an instruction counts for its step, besides the configuration."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlab.formats.dockerfile.instructions import Copy, Instruction, Run


def text_of(instruction: Run | Copy) -> str:
    """An instruction as it counts, on one line, with what its heredocs say."""
    text = instruction.text
    if isinstance(instruction, Copy):
        flags = [
            f"--{name}={value}"
            for name, value in (
                ("from", instruction.from_),
                ("chown", instruction.owner),
                ("chmod", instruction.mode),
            )
            if value
        ]
        text = " ".join([instruction.keyword, *flags, *instruction.sources, instruction.target])
    return "\n".join([text, *(heredoc.content for heredoc in instruction.heredocs)])


def used(arguments: Mapping[str, str], instruction: Instruction) -> dict[str, str]:
    """Those arguments that an instruction speaks of."""
    text = instruction.text
    return {
        name: value
        for name, value in arguments.items()
        if f"${name}" in text or f"${{{name}" in text
    }
