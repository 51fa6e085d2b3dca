// Edit the Dockerfile or mark files as edited: the forecast follows; then build, and see.

const PAUSE = 350; // ms without a key before the forecast is asked for

function render({ model, el }) {
  const words = model.get("words");
  const { view, picture, controls, status } = frame(model, el);
  const title = node("strong", { class: "dl-title" });
  const steps = stepList(words, words["build.steps"]);
  picture.className = "dl-build dl-forecast";
  status.classList.add("dl-summary");
  const id = unique("dl-forecast");
  const text = node("textarea", {
    class: "dl-edit", id: `${id}-text`, rows: "8", spellcheck: "false", "aria-describedby": `${id}-hint`,
  });
  const files = node("fieldset", { class: "dl-files" }, node("legend", {}, words["fc.files"]));
  const boxes = node("div", { class: "dl-boxes" });
  files.append(node("p", { class: "dl-aside" }, words["fc.touch"]), boxes);
  const label = node("label", { for: text.id }, words["fc.dockerfile"]);
  const hint = node("p", { class: "dl-aside", id: `${id}-hint` }, words["fc.edit"]);
  const problem = node("p", { class: "dl-problem", role: "alert", "aria-live": "polite" });
  picture.append(
    node("div", { class: "dl-head" }, title),
    node("div", { class: "dl-inputs" }, node("div", {}, label, text, hint), files),
    problem, status, steps.list,
  );
  const build = node("button", { type: "button" }, words["fc.build"]);
  const reset = node("button", { type: "button" }, words["fc.reset"]);
  controls.append(build, reset);

  const marked = () => [...boxes.querySelectorAll("input:checked")].map((box) => box.value);
  const alive = () => model.comm_live !== false;
  let timer = null;
  let asked = false; // what stands here is newer than what Python has told
  function ask(action) {
    clearTimeout(timer);
    timer = null;
    if (!alive()) { setText(status, words["fc.offline"]); return; }
    asked = true;
    model.send({ action, dockerfile: text.value, touched: marked() });
  }
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask("again"), PAUSE);
  });
  boxes.addEventListener("change", () => ask("again"));
  build.addEventListener("click", () => { if (model.get("busy") !== "building") ask("build"); });
  reset.addEventListener("click", () => { if (model.get("busy") !== "building") ask("reset"); });

  let listed = "";
  function list() {
    const known = model.get("files");
    const names = JSON.stringify(known.map(([path]) => path));
    if (names !== listed) {
      listed = names;
      boxes.replaceChildren(...known.map(([path]) => node("label", { title: path },
        node("input", { type: "checkbox", value: path }), node("code", {}, path))));
      if (!known.length) boxes.append(words["fc.nofiles"]);
      if (model.get("more")) boxes.append(words["fc.morefiles"].replace("{n}", model.get("more")));
    }
    if (asked) return;
    const on = new Set(known.filter(([, touched]) => touched).map(([path]) => path));
    for (const box of boxes.querySelectorAll("input")) box.checked = on.has(box.value);
  }

  function verdicts(rows) {
    rows.forEach((one, index) => {
      const row = steps.rows[index];
      if (!row.verdict) {
        row.verdict = node("p", { class: "dl-why dl-verdict" });
        row.item.querySelector(".dl-why").after(row.verdict);
      }
      setText(row.verdict, one.verdict ?? "");
      row.verdict.classList.toggle("bad", !!one.verdict?.startsWith("✗"));
      row.verdict.hidden = !one.verdict;
    });
  }

  function show() {
    const head = model.get("head"), busy = model.get("busy"), rows = model.get("rows");
    setText(title, model.get("title"));
    view.setAttribute("aria-label", model.get("title"));
    const told = { building: words["fc.building"], thinking: words["fc.thinking"] }[busy];
    setText(status, told ?? head.summary);
    status.classList.toggle("bad", head.bad && !busy);
    setText(problem, model.get("error"));
    problem.hidden = !model.get("error");
    steps.list.classList.toggle("stale", !!model.get("error")); // of the last text that could be read
    for (const button of [build, reset]) button.setAttribute("aria-disabled", String(busy === "building"));
    text.readOnly = busy === "building";
    // Not under the hands of somebody who types.
    if (!timer && !asked && document.activeElement !== text) text.value = model.get("dockerfile");
    list();
    steps.fill(rows, model.get("logs"), head.total);
    verdicts(rows);
    setText(view.querySelector(".dl-text"), model.get("text"));
  }
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; show(); });
  };
  const names = ["rows", "head", "logs", "files", "dockerfile", "error", "text"];
  const forgetRest = listen(model, names, soon);
  const forgetBusy = listen(model, ["busy"], () => {
    if (!model.get("busy")) asked = false;
    soon();
  });
  text.value = model.get("dockerfile");
  show();
  return () => { clearTimeout(timer); forgetRest(); forgetBusy(); };
}

export default { render };
