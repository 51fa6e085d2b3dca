// Follows a run: stages light up, steps wait, run and end as Python tells; each opens to its log.

function render({ model, el }) {
  const words = model.get("words");
  const { view, picture, controls, status } = frame(model, el);
  const title = node("strong", { class: "dl-title" });
  const mark = node("span", { class: "dl-mark" });
  const seconds = node("span", { class: "dl-mark none" });
  const source = node("div", { class: "dl-aside" });
  const warnings = node("ul", { class: "dl-warnings", "aria-label": words["pipe.warning"] });
  const strip = node("div", { class: "dl-strip" });
  const steps = stepList(words, words["pipe.steps"]);
  picture.className = "dl-build dl-pipeline";
  // The status line becomes the summary: above the rows, told to screen readers when it changes.
  status.classList.add("dl-summary");
  picture.append(node("div", { class: "dl-head" }, title, mark, seconds), source, status, warnings, strip, steps.list);
  const text = view.querySelector(".dl-text");
  const all = node("button", { type: "button" });
  controls.append(all, node("span", { class: "dl-aside" }, words["pipe.hint"]));
  let timer = null;
  let number = null;
  let drawn = null;

  const name = togglesAll(all, steps, words["pipe.open"], words["pipe.close"]);

  function show() {
    const head = model.get("head");
    if (number !== head.number) steps.fill([], {}, 1); // another run: its steps are other ones
    number = head.number;
    setText(title, model.get("title"));
    view.setAttribute("aria-label", model.get("title"));
    setText(mark, head.mark);
    mark.className = `dl-mark ${head.accent}`;
    mark.hidden = !head.mark;
    setText(seconds, head.seconds);
    seconds.hidden = !head.seconds;
    setText(source, head.source);
    setText(status, head.summary);
    status.classList.toggle("bad", head.bad);
    if (warnings.dataset.all !== JSON.stringify(head.warnings)) {
      warnings.dataset.all = JSON.stringify(head.warnings);
      warnings.replaceChildren(...head.warnings.map((one) => node("li", {}, one)));
    }
    warnings.hidden = !head.warnings.length;
    if (drawn !== model.get("strip")) {
      drawn = model.get("strip");
      strip.replaceChildren(...(drawn ? [parsed(drawn)] : []));
    }
    setText(text, model.get("text"));
    steps.fill(model.get("rows"), { ...model.get("logs"), ...model.get("tails") }, head.total);
    all.hidden = !steps.rows.length;
    all.nextSibling.hidden = !steps.rows.length;
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
  const forget = listen(model, ["rows", "head", "strip", "logs", "tails", "title", "text"], soon);
  show();
  return () => { clearInterval(timer); forget(); };
}

export default { render };
