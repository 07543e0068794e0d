"""README.md as blocks that can be run: its fences, by chapter, with what hidden comments above them say.

A fence says its language: sh (or nothing), sql, cfg; what a fence without one holds is seen from its first line.
Any other language, and a picture, is only looked at. Comments right above a fence, which readers do not see:

  <!-- file: regions/jp-tokyo.cfg -->       the block is written there; a cfg block replaces the groups it names
  <!-- status 3: tributary topics plan -->  what the line that begins so ends with (0 if nothing is said)
  <!-- expects: some words -->              what is printed holds them
  <!-- as: reader_product_de -->            who asks the SQL (else: whichever reader may)
  <!-- skip: why -->                        not run
"""
import re
import shlex

RUNNABLE = {"": None, "sh": "sh", "bash": "sh", "shell": "sh", "sql": "sql", "cfg": "cfg", "conf": "cfg",
            "libconfig": "cfg"}


class Block:
    def __init__(self, chapter, line, language, text, marks):
        self.chapter, self.line, self.text, self.marks = chapter, line, text, marks
        self.language = RUNNABLE.get(language, "text") or self.guess()

    def guess(self):
        first = self.text.lstrip().split("\n")[0]
        if "─" in self.text:
            return "text"
        if re.match(r"(SELECT|WITH|EXPLAIN|TABLE)\b", first):
            return "sql"
        return "cfg" if re.match(r"[a-z_]+\s*=\s", first) else "sh"

    def mark(self, name):
        return next((value for key, value in self.marks if key == name), None)

    def expects(self):
        return [value for key, value in self.marks if key == "expects"]

    def status(self, command):
        """Statuses that are well for this command. A plan may find differences, the doctor what is wrong with
        this machine; a mark says it for sure."""
        for key, value in self.marks:
            if key.startswith("status ") and command.startswith(value):
                return {int(key.split()[1])}
        if command.startswith("tributary doctor"):
            return {0, 1}
        return {0, 3} if re.match(r"tributary \S+ (plan|diff)\b", command) else {0}

    def commands(self):
        """Each command whole, over as many lines as it takes; "then: VERB ..." of a comment as one that follows."""
        waiting = ""
        for line in self.text.split("\n"):
            if not waiting and (not line.strip() or line.lstrip().startswith("#")):
                continue
            waiting += line + "\n"
            if line.endswith("\\") or not balanced(waiting):
                continue
            yield waiting.strip()
            then = re.search(r"#.*\bthen: ([a-z][a-z ]+[a-z])", line)
            if then:
                yield waiting.split()[0] + " " + then.group(1)
            waiting = ""
        assert not waiting, f"README.md:{self.line}: a command without end: {waiting}"

    def statements(self):
        return [s.strip() for s in re.sub(r"--[^\n]*", "", self.text).split(";") if s.strip()]


def balanced(text):
    try:
        shlex.split(text, comments=True)
        return True
    except ValueError:
        return False


def blocks(text):
    chapter, marks, found, lines = "", [], [], text.split("\n")
    i = 0
    while i < len(lines):
        fence = re.match(r"( *)```([\w-]*)\s*$", lines[i])
        comment = re.match(r"\s*<!--\s*([\w ]+?):\s*(.*?)\s*-->\s*$", lines[i])
        heading = re.match(r"## +(.*)", lines[i])
        if fence:
            end = next(n for n in range(i + 1, len(lines)) if lines[n].strip() == "```")
            body = [line[len(fence.group(1)):] for line in lines[i + 1:end]]
            found.append(Block(chapter, i + 1, fence.group(2), "\n".join(body), marks))
            i, marks = end, []
        elif comment:
            marks.append(comment.groups())
        elif heading:
            chapter, marks = heading.group(1).strip(), []
        elif lines[i].strip():
            marks = []
        i += 1
    return found


# ---- Files in libconfig ------------------------------------------------------------------------
def groups(text):
    """(name, from, to) of each setting at the top level, its last semicolon included."""
    token = re.compile(r'"(?:\\.|[^"\\])*"|#[^\n]*|//[^\n]*|/\*.*?\*/|[({\[]|[)}\]]|;|([A-Za-z_][\w-]*)\s*[=:]', re.S)
    depth, name, start = 0, None, 0
    for t in token.finditer(text):
        if t.group() in "({[":
            depth += 1
        elif t.group() in ")}]":
            depth -= 1
        elif t.group(1) and depth == 0 and name is None:
            name, start = t.group(1), t.start()
        elif t.group() == ";" and depth == 0 and name:
            yield name, start, t.end()
            name = None


def spliced(text, block):
    """The file with the block's settings instead of its own of the same names."""
    new = {name for name, _, _ in groups(block)}
    assert new, "no setting in: " + block
    for name, start, end in reversed(list(groups(text))):
        if name in new:
            text = text[:start] + text[end:]
    return text.rstrip("\n") + "\n" + block + "\n"
