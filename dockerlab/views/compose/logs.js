// Lines of several services: each can be switched off, a word picks lines. Only text is ever set.

function render({ model, el }) {
  const words = model.get("words");
  const { view, picture, controls, status } = frame(model, el);
  controls.setAttribute("role", "group");
  controls.setAttribute("aria-label", words["logs.filter"]);
  view.insertBefore(controls, picture); // above the lines
  const shown = new Set(model.get("services").map((_, index) => index));
  const list = node("ol", { class: "dl-lines", tabindex: "0", "aria-label": model.get("title") });
  const search = node("input", { type: "search", placeholder: words["logs.search"], "aria-label": words["logs.search"] });
  const times = node("button", { type: "button", "aria-pressed": "false" }, words["logs.times"]);

  const rows = [];
  const build = () => {
    rows.length = 0;
    for (const line of model.get("lines")) {
      const [, accent, mark] = model.get("services")[line.service];
      const text = node("span", { class: "dl-log-text" });
      for (const [piece, role] of line.text) {
        text.append(role ? node("span", { class: `dl-ink-${role}` }, piece) : piece);
      }
      const row = node("li", { class: line.error ? "dl-log-line err" : "dl-log-line", style: `--accent: var(--dl-${accent}); --letters: var(--dl-${accent}-text)` },
        node("span", { class: "dl-log-at" }, line.at),
        node("span", { class: "dl-log-label" }, `${mark} ${line.label}`), text);
      if (line.error) {
        row.title = words["logs.error"];
        text.before(node("span", { class: "dl-log-said" }, words["logs.error"]));
      }
      rows.push({ row, service: line.service, words: `${line.label} ${text.textContent}`.toLowerCase() });
    }
  };
  const fill = () => {
    const wanted = search.value.trim().toLowerCase();
    const some = rows.filter((one) => shown.has(one.service) && one.words.includes(wanted));
    list.replaceChildren(...some.map((one) => one.row));
    list.scrollTop = list.scrollHeight; // the newest, as a terminal
    const count = words["logs.count"].replace("{n}", some.length).replace("{all}", rows.length);
    status.textContent = [rows.length ? count : words["logs.nothing"], model.get("note")].filter(Boolean).join(" · ");
  };

  model.get("services").forEach(([name, accent, mark], index) => {
    const button = node("button", { type: "button", class: "dl-log-service", "aria-pressed": "true", style: `--accent: var(--dl-${accent}); --letters: var(--dl-${accent}-text)` }, `${mark} ${name}`);
    button.addEventListener("click", () => {
      if (shown.has(index)) shown.delete(index);
      else shown.add(index);
      button.setAttribute("aria-pressed", String(shown.has(index)));
      fill();
    });
    controls.append(button);
  });
  times.addEventListener("click", () => {
    const on = list.classList.toggle("times");
    times.setAttribute("aria-pressed", String(on));
  });
  if (model.get("lines").some((line) => line.at)) controls.append(times);
  search.addEventListener("input", fill);
  controls.append(search);
  picture.append(list);
  build();
  fill();
  return listen(model, ["lines"], () => { build(); fill(); });
}

export default { render };
