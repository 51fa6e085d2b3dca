// Follows a build: rows wait, run and end as Python tells; each opens to its log and its lines.

function render({ model, el }) {
  const words = model.get("words");
  const { view, picture, controls, status } = frame(model, el);
  const title = node("strong", { class: "dl-title" });
  const hits = node("span", { class: "dl-mark green" });
  const seconds = node("span", { class: "dl-mark none" });
  const steps = stepList(words, words["build.steps"]);
  picture.className = "dl-build";
  // The status line becomes the summary: above the rows, told to screen readers when it changes.
  status.classList.add("dl-summary");
  picture.append(node("div", { class: "dl-head" }, title, hits, seconds), status, steps.list);
  const text = view.querySelector(".dl-text");
  const all = node("button", { type: "button" });
  const hint = node("span", { class: "dl-aside" }, words["build.hint"]);
  controls.append(all, hint);
  let timer = null;

  const name = togglesAll(all, steps, words["build.open"], words["build.close"]);

  function show() {
    const head = model.get("head");
    setText(title, model.get("title"));
    view.setAttribute("aria-label", model.get("title"));
    setText(hits, head.hits);
    hits.hidden = !head.hits;
    setText(seconds, head.seconds);
    seconds.hidden = !head.seconds;
    setText(status, head.summary);
    status.classList.toggle("bad", head.bad);
    setText(text, model.get("text"));
    steps.fill(model.get("rows"), { ...model.get("logs"), ...model.get("tails") }, head.total);
    name();
    if (head.busy && !timer) timer = setInterval(() => steps.scale(head.total), calm() ? 1000 : 200);
    if (!head.busy) {
      clearInterval(timer);
      timer = null;
    }
  }
  // One message brings many changes: paint once for all of them.
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; show(); });
  };
  const forget = listen(model, ["rows", "head", "logs", "tails", "title", "text"], soon);
  show();
  return () => { clearInterval(timer); forget(); };
}

export default { render };
