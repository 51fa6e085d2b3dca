// The steps of a build as rows that open. Shared by the timeline, the comparison and the forecast.

// A reason in pieces: <del> and <ins> say what went and what came, to the ear as well.
function pieces(why) {
  const tags = { code: "code", old: "del", new: "ins" };
  return why.map((piece) => (tags[piece.kind] ? node(tags[piece.kind], {}, piece.text) : piece.text));
}

// One row; fill(one, log) brings it up to date and touches only what changed.
function stepRow(words, id, tag = "li") {
  const number = node("span", { class: "dl-number" });
  const mark = node("span", { class: "dl-mark", id: `${id}-mark` });
  const code = node("button", {
    type: "button", class: "dl-code", "aria-expanded": "false", "aria-controls": `${id}-panel`,
    "aria-describedby": `${id}-mark ${id}-why`,
  });
  const bar = node("i");
  const track = node("span", { class: "dl-bar", "aria-hidden": "true" }, bar);
  const took = node("span", { class: "dl-took" });
  const added = node("span", { class: "dl-added" });
  const line = node("div", { class: "dl-line" }, number, mark, code, track, took, added);
  const cut = node("div", { class: "dl-cut" }, node("span"));
  const stage = node("div", { class: "dl-stage" });
  const why = node("p", { class: "dl-why", id: `${id}-why` });
  const tail = node("div", { class: "dl-tail", "aria-hidden": "true" });
  const source = node("pre", { class: "dl-source" });
  const facts = node("dl", { class: "dl-facts" });
  const log = node("pre", { class: "dl-log", tabindex: "0", role: "region" });
  const silent = node("p", { class: "dl-silent" });
  const panel = node("div", { class: "dl-panel", id: `${id}-panel`, hidden: "" }, source, facts, log, silent);
  const item = node(tag, { class: "dl-step" }, stage, cut, node("div", { class: "dl-box" }, line, why, tail, panel));
  let shown = "";
  let since = 0;
  const row = { item, code, one: null, open: false };

  row.toggle = (open = !row.open) => {
    row.open = open;
    code.setAttribute("aria-expanded", String(open));
    panel.toggleAttribute("hidden", !open);
    if (open) log.scrollTop = log.scrollHeight;
  };
  line.addEventListener("click", () => {
    if (!window.getSelection()?.toString()) row.toggle();
  });

  function print(text) {
    const follows = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    setText(log, text);
    if (follows) log.scrollTop = log.scrollHeight;
    log.hidden = !text;
    silent.hidden = !!text;
    const last = text.trimEnd().split("\n").pop();
    tail.hidden = row.one.status !== "running";
    setText(tail, last || "…");
  }

  row.fill = (one, text) => {
    const now = JSON.stringify(one);
    if (now !== shown) {
      const before = row.one?.status;
      row.one = one;
      shown = now;
      if (one.status === "running" && before !== "running") since = performance.now();
      paint(one);
      if (one.status === "failed" && before !== "failed") row.toggle(true);
    }
    print(text);
  };

  function paint(one) {
    item.className = `dl-step ${one.role} ${one.status} ${one.guess ? "foretold" : ""}`;
    item.dataset.step = one.n;
    setText(number, String(one.n));
    setText(mark, one.mark);
    mark.className = `dl-mark ${one.accent || "none"} ${one.guess ? "guess" : ""}`;
    bar.className = `${one.accent || "none"} ${one.role === "consequence" ? "hangs" : ""}`;
    setText(code, one.code);
    code.title = one.code;
    setText(added, one.added);
    setText(silent, one.silent);
    setText(stage, one.stage ?? "");
    stage.hidden = !one.stage;
    setText(cut.firstChild, one.cut);
    cut.hidden = !one.cut;
    why.replaceChildren(...pieces(one.why));
    why.hidden = !one.why.length;
    source.replaceChildren(...(one.source ?? []).map(([at, text]) =>
      node("span", { class: "dl-source-line" }, node("b", {}, String(at)), text || " ")));
    source.hidden = !one.source?.length;
    facts.replaceChildren(...one.facts.map(([name, value]) =>
      node("div", {}, node("dt", {}, name), node("dd", {}, value))));
    log.setAttribute("aria-label", `${words["build.log"]}: ${one.code}`);
    if (one.status !== "running") setText(took, one.took);
  }

  // Seconds since the build began at which this row ends, as far as it is.
  row.end = () => row.one.began + seconds();
  const seconds = () =>
    row.one.status === "running" ? Math.max(row.one.seconds, (performance.now() - since) / 1000) : row.one.seconds;
  row.scale = (total) => {
    const waits = row.one.status === "pending";
    bar.style.left = `${Math.min(row.one.began / total, 0.99) * 100}%`;
    bar.style.width = waits ? "0" : `max(3px, ${Math.min(seconds() / total, 1) * 100}%)`;
    if (row.one.status === "running") setText(took, words["build.seconds"].replace("{n}", seconds().toFixed(1)));
  };
  return row;
}

// The list: keeps a row for each step, whatever comes. Arrow keys go from step to step.
function stepList(words, label) {
  const list = node("ol", { class: "dl-steps", "aria-label": label });
  const rows = [];
  const id = unique("dl-steps");
  list.addEventListener("keydown", (event) => {
    const at = rows.findIndex((row) => row.code === event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0) return;
    if (event.key === "Escape" && rows[at].open) {
      event.stopPropagation();
      rows[at].toggle(false);
    } else if (to !== undefined) {
      event.preventDefault();
      rows[Math.max(0, Math.min(rows.length - 1, to))].code.focus();
    }
  });
  return {
    list,
    rows,
    fill(data, logs, total) {
      while (rows.length > data.length) rows.pop().item.remove();
      while (rows.length < data.length) {
        const row = stepRow(words, `${id}-${rows.length}`);
        rows.push(row);
        list.append(row.item);
      }
      data.forEach((one, index) => rows[index].fill(one, logs[one.n] ?? ""));
      this.scale(total);
    },
    scale(total) {
      const whole = Math.max(total, ...rows.map((row) => row.end()), 0.001);
      for (const row of rows) row.scale(whole);
    },
  };
}

// A button that opens the logs of all steps, or closes them; what is returned names it anew.
function togglesAll(button, steps, open, close) {
  const opened = () => steps.rows.some((row) => row.open);
  const name = () => setText(button, opened() ? close : open);
  button.addEventListener("click", () => {
    const wanted = !opened();
    steps.rows.forEach((row) => row.toggle(wanted));
    name();
  });
  steps.list.addEventListener("click", name);
  steps.list.addEventListener("keyup", name);
  return name;
}
