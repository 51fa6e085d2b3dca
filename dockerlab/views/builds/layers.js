// The layer explorer: a list of layers to choose from, the chosen one's file tree, two lists.
// Python gives the rows in sight; this only draws them and says what was asked for.

function render({ model, el }) {
  const words = model.get("words");
  const { view, picture, controls, status } = frame(model, el);
  view.classList.add("dl-layers"); // styles of all views share one page
  controls.remove();
  const stack = node("ol", { class: "dl-stack", role: "listbox", tabindex: "0", "aria-label": words["lay.stack"] });
  const head = node("h4", {});
  const tree = node("div", { class: "dl-tree", role: "tree" });
  const note = node("p", { class: "dl-note" });
  const filter = node("input", { type: "search", placeholder: words["lay.filter"], "aria-label": words["lay.filter"] });
  const choice = node("div", { class: "dl-choice", role: "group" });
  const marks = node("p", { class: "dl-marks" },
    node("b", { class: "added" }, "+"), ` ${words["lay.added"]}  `,
    node("b", { class: "changed" }, "~"), ` ${words["lay.changed"]}  `,
    node("b", { class: "removed" }, "−"), ` ${words["lay.removed"]}`);
  const files = node("div", { class: "dl-card" }, head, choice, filter, marks, tree, note);
  picture.replaceChildren(
    headline(model),
    node("div", { class: "dl-pair" },
      node("div", { class: "dl-card" }, node("h4", {}, words["lay.stack"]), stack), files),
    node("div", { class: "dl-pair" },
      card(words["lay.waste"], model.get("waste"), words["lay.waste.none"], look),
      card(words["lay.big"], model.get("big"), "", look)));
  status.textContent = words["lay.keys"];

  const layers = model.get("layers"); // the newest first
  const options = layers.map((layer) => {
    const made = option(layer);
    made.addEventListener("click", () => choose(layer.n));
    stack.append(made);
    return made;
  });
  const views = [["lay.view.changed", false], ["lay.view.whole", true]].map(([key, whole]) => {
    const made = node("button", { type: "button", onclick: () => set("whole", whole) }, words[key]);
    choice.append(made);
    return [made, whole];
  });

  function set(name, value) {
    model.set(name, value);
    model.save_changes();
  }
  function choose(number) {
    filter.value = "";
    model.set("filter", "");
    set("layer", number);
  }
  // From one of the lists: show that very file in its layer.
  function look(item) {
    filter.value = item.path;
    model.set("filter", item.path);
    model.set("whole", false);
    set("layer", item.layer);
    files.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
  }
  stack.addEventListener("keydown", (event) => {
    const at = layers.findIndex((layer) => layer.n === model.get("layer"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: layers.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (layers[to]) choose(layers[to].n);
  });
  let waiting = 0;
  filter.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => set("filter", filter.value), 150);
  });

  let focused = ""; // the path that Tab leads to
  function fill() {
    const rows = model.get("rows");
    const inside = tree.contains(document.activeElement);
    if (!rows.some((row) => row.path === focused)) focused = rows[0]?.path ?? "";
    tree.replaceChildren(...rows.map((row) => line(row, row.path === focused)));
    tree.hidden = !rows.length;
    if (inside) tree.querySelector("[tabindex='0']")?.focus();
    note.textContent = model.get("note");
  }
  function toggle(row) {
    if (row.folder && !filter.value.trim()) model.send({ toggle: row.path });
  }
  function focusOn(row) {
    focused = row.path;
    for (const made of tree.children) made.tabIndex = made.dataset.path === focused ? 0 : -1;
    const made = [...tree.children].find((one) => one.dataset.path === focused);
    made?.focus();
    made?.scrollIntoView({ block: "nearest" });
  }
  tree.addEventListener("click", (event) => {
    const row = rowOf(event.target.closest("[data-path]"));
    if (row) { focusOn(row); toggle(row); }
  });
  tree.addEventListener("keydown", (event) => {
    const rows = model.get("rows");
    const at = rows.findIndex((row) => row.path === focused);
    const row = rows[at];
    if (!row) return;
    const above = () => rows.slice(0, at).reverse().find((one) => one.depth < row.depth);
    const moves = {
      ArrowDown: () => rows[at + 1],
      ArrowUp: () => rows[at - 1],
      Home: () => rows[0],
      End: () => rows[rows.length - 1],
      ArrowRight: () => (row.folder && !row.open ? toggle(row) : row.folder ? rows[at + 1] : null),
      ArrowLeft: () => (row.folder && row.open ? toggle(row) : above()),
      Enter: () => toggle(row),
      " ": () => toggle(row),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    const to = moves[event.key]();
    if (to) focusOn(to);
  });
  const rowOf = (made) => made && model.get("rows").find((row) => row.path === made.dataset.path);

  function chosen(event) {
    const number = model.get("layer");
    const layer = layers.find((one) => one.n === number);
    const whole = model.get("whole");
    options.forEach((made, index) => {
      const mine = layers[index].n === number;
      made.setAttribute("aria-selected", String(mine));
      if (mine) {
        stack.setAttribute("aria-activedescendant", made.id);
        if (event) made.scrollIntoView({ block: "nearest" });
      }
    });
    for (const [button, value] of views) button.setAttribute("aria-pressed", String(value === whole));
    head.textContent = whole ? layer.whole : layer.changed;
    tree.setAttribute("aria-label", layer.tree);
    if (event) setText(status, `${layer.n}. ${layer.step}: ${[layer.size, layer.counts].filter(Boolean).join(", ")}`);
  }
  const forgetRows = listen(model, ["rows", "note"], fill);
  const forgetChoice = listen(model, ["layer", "whole"], chosen);
  chosen();
  fill();
  return () => { forgetRows(); forgetChoice(); };
}

function headline(model) {
  const chips = model.get("chips").map((chip) =>
    node("span", { class: `dl-tag ${chip.accent}`, title: chip.tip, tabindex: chip.tip ? "0" : null,
      "aria-label": chip.tip || null, role: chip.tip ? "note" : null }, chip.text));
  return node("header", { class: "dl-head" }, node("h3", {}, model.get("title")), ...chips);
}

function option(layer) {
  const bar = node("i", { class: "dl-bar" }, node("i", {}));
  bar.firstChild.style.width = layer.part ? `${Math.max(layer.part * 100, 1)}%` : "0";
  return node("li", { role: "option", id: unique("dl-layer"), class: layer.part ? "" : "empty", title: layer.step },
    node("span", { class: "dl-number" }, String(layer.n)),
    node("code", {}, layer.step),
    node("b", {}, layer.size),
    node("div", { class: "dl-foot" }, bar, node("small", {}, [layer.counts, layer.age].filter(Boolean).join(" · "))));
}

const KINDS = { "+": "added", "~": "changed", "−": "removed" };
function line(row, first) {
  const arrow = node("span", { class: "dl-arrow", "aria-hidden": "true" }, row.folder ? (row.open ? "▾" : "▸") : "");
  const name = row.folder ? `${row.name}/` : row.name;
  const made = node("div", {
    role: "treeitem", "data-path": row.path, tabindex: first ? "0" : "-1", "aria-label": row.said,
    "aria-level": row.depth + 1, "aria-expanded": row.folder ? String(row.open) : null, class: KINDS[row.mark] ?? "",
  },
  node("span", { class: "dl-mark" }, row.mark),
  arrow,
  node("code", {}, name, row.link ? ` → ${row.link}` : ""),
  node("small", {}, row.folder && !row.open && row.files ? `(${row.files})` : ""),
  node("b", {}, row.size));
  made.style.setProperty("--depth", Math.min(row.depth, 12));
  return made;
}

function card(title, items, none, look) {
  const list = node("ul", { class: "dl-items" }, ...items.map((item) =>
    node("li", {}, node("button", { type: "button", onclick: () => look(item) },
      node("code", {}, item.path), node("b", {}, item.size), node("small", {}, item.note)))));
  return node("div", { class: "dl-card" }, node("h4", {}, title), items.length ? list : node("p", { class: "dl-note" }, none));
}

export default { render };
