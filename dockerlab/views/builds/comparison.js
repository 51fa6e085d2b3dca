// Two builds beside each other; each step opens to its log, on either side.

function render({ model, el }) {
  const words = model.get("words");
  const head = model.get("head");
  const sides = model.get("sides");
  const logs = model.get("logs");
  const { picture, controls, status } = frame(model, el);
  controls.remove();
  status.remove();
  picture.className = "dl-build";
  const saved = node("span", { class: `dl-mark ${head.good ? "green" : "orange"}` }, head.saved);
  saved.hidden = !head.saved;
  const whole = Math.max(...sides.map((side) => side.total), 0.001);
  const heads = sides.map((side) => node("div", { class: "dl-side" },
    node("div", { class: "dl-head" },
      node("strong", { class: "dl-title" }, side.name),
      node("span", { class: "dl-mark green" }, side.hits)),
    node("div", { class: "dl-side-time" },
      node("span", { class: "dl-bar", "aria-hidden": "true" }, node("i", { style: `left:0;width:max(3px,${(side.total / whole) * 100}%)` })),
      node("strong", { class: "dl-took" }, side.seconds))));
  const list = node("ol", { class: "dl-steps dl-pairs", "aria-label": words["cmp.parts"] });
  const codes = [];
  const id = unique("dl-pairs");

  model.get("pairs").forEach((pair, at) => {
    const cells = ["before", "after"].map((side, which) => {
      const name = node("div", { class: "dl-side-name" }, sides[which].name);
      if (!pair[side]) return node("div", { class: "dl-cell dl-lonely" }, name, node("span", {}, pair.lonely));
      const row = stepRow(words, `${id}-${at}-${which}`, "div");
      row.fill({ ...pair[side], stage: "" }, logs[which][pair[side].n] ?? "");
      row.scale(whole);
      codes.push({ code: row.code, which, row });
      return node("div", { class: "dl-cell" }, name, row.item);
    });
    list.append(node("li", { class: "dl-pair" }, ...cells));
  });
  // Up and down stay in their build, left and right change it.
  list.addEventListener("keydown", (event) => {
    const now = codes.find((one) => one.code === event.target);
    if (!now) return;
    const same = codes.filter((one) => one.which === now.which);
    const pair = now.code.closest(".dl-pair");
    const other = codes.find((one) => one.which !== now.which && one.code.closest(".dl-pair") === pair);
    const to = {
      ArrowDown: same[same.indexOf(now) + 1],
      ArrowUp: same[same.indexOf(now) - 1],
      ArrowLeft: now.which ? other : null,
      ArrowRight: now.which ? null : other,
    }[event.key];
    if (event.key === "Escape" && now.row.open) {
      event.stopPropagation();
      now.row.toggle(false);
    } else if (to) {
      event.preventDefault();
      to.code.focus();
    }
  });
  picture.append(
    node("div", { class: "dl-head" }, node("strong", { class: "dl-title" }, model.get("title")), saved),
    node("p", { class: "dl-status dl-summary" }, head.summary),
    node("div", { class: "dl-sides" }, ...heads),
    list,
  );
}

export default { render };
