// A console: what the process's terminal says, and a field whose lines are sent to it.
// State comes from the kernel as words, text, running and status; keys go back as a message.

const ENTER = "\r";
const CTRL_C = "\x03";
const CTRL_D = "\x04";

function element(name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  if (text) node.textContent = text;
  return node;
}

function button(text, label, action) {
  const node = element("button", "dockerlab-console-key", text);
  node.type = "button";
  node.title = label;
  node.setAttribute("aria-label", label);
  node.addEventListener("click", action);
  return node;
}

function render({ model, el }) {
  const words = model.get("words");
  const root = element("section", "dockerlab-console");
  root.setAttribute("aria-label", words.title);

  const log = element("pre", "dockerlab-console-log");
  log.setAttribute("role", "log");
  log.setAttribute("aria-label", words.output);
  log.tabIndex = 0;

  const field = element("input", "dockerlab-console-field");
  field.type = "text";
  field.placeholder = words.field;
  field.setAttribute("aria-label", words.input);
  field.autocomplete = "off";
  field.spellcheck = false;

  const status = element("span", "dockerlab-console-status");
  status.setAttribute("role", "status");

  const send = (keys) => model.send({ keys });
  const typed = [];
  let at = 0;

  function recall(step) {
    at = Math.min(typed.length, Math.max(0, at + step));
    field.value = typed[at] ?? "";
  }

  function enter() {
    if (field.value) typed.push(field.value);
    at = typed.length;
    send(field.value + ENTER);
    field.value = "";
  }

  field.addEventListener("keydown", (event) => {
    // The notebook must not take these keys for its own shortcuts (Enter, arrows, letters); Escape
    // leads back to it.
    if (event.key !== "Escape") event.stopPropagation();
    const selected = field.selectionStart !== field.selectionEnd;
    if (event.key === "Enter" && !event.isComposing) enter();
    else if (event.ctrlKey && event.key === "c" && !selected) send(CTRL_C);
    else if (event.ctrlKey && event.key === "d") send(CTRL_D);
    else if (event.key === "ArrowUp") recall(-1);
    else if (event.key === "ArrowDown") recall(1);
    else return;
    event.preventDefault();
  });

  const keys = [
    button("Ctrl-C", words.interrupt, () => send(CTRL_C)),
    button("Ctrl-D", words.leave, () => send(CTRL_D)),
  ];
  const bar = element("div", "dockerlab-console-bar");
  bar.append(field, ...keys, status);
  root.append(log, bar);
  el.append(root);

  function show() {
    const below = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
    const text = model.get("text");
    // Adding only what is new lets a screen reader speak that and not everything again.
    if (log.textContent && text.startsWith(log.textContent)) {
      log.append(text.slice(log.textContent.length));
    } else {
      log.textContent = text;
    }
    if (below) log.scrollTop = log.scrollHeight;
  }

  function showState() {
    const running = model.get("running");
    status.textContent = model.get("status");
    if (!running && bar.contains(document.activeElement)) log.focus({ preventScroll: true });
    field.disabled = !running;
    for (const key of keys) key.disabled = !running;
  }

  model.on("change:text", show);
  model.on("change:running change:status", showState);
  show();
  showState();
  field.focus({ preventScroll: true });
  return () => {
    model.off("change:text", show);
    model.off("change:running change:status", showState);
  };
}

export default { render };
