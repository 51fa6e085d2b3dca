// The start page's panel: a language, where one is, and a first container.

const LANGUAGES = [["en", "English"], ["ko", "한국어"]];

function render({ model, el }) {
  const { view, picture, controls, status } = frame(model, el);
  view.classList.add("dl-welcome");
  controls.remove();
  status.remove();
  const alive = () => model.comm_live !== false;
  const word = (key) => model.get("words")[key] ?? "";
  const list = (lines) => node("ul", {}, ...lines.map((line) => node("li", {}, line)));

  // Parts that keep the keyboard's focus are made once, and filled again and again.
  const title = node("h2", {});
  const lead = node("p", {});
  const choices = LANGUAGES.map(([lang, name]) => {
    const choose = () => model.send({ action: "language", lang });
    return node("button", { type: "button", lang, "data-lang": lang, onclick: choose }, name);
  });
  const language = node("div", { class: "dl-language", role: "group" }, ...choices);
  const where = node("h3", {});
  const facts = node("div", {});
  const again = node("button", { type: "button", "data-action": "look" });
  const first = node("h3", {});
  const about = node("p", {});
  const go = node("button", { type: "button", class: "dl-go", "data-action": "run" });
  const said = node("p", { class: "dl-said", role: "status", "aria-live": "polite" });
  const step = node("p", { class: "dl-far" }); // moves too fast to be told
  const story = node("div", { class: "dl-story" });
  picture.append(
    node("header", {}, node("div", {}, title, lead), language),
    node("div", { class: "dl-halves" },
      node("section", { class: "dl-half" }, where, facts, again),
      node("section", { class: "dl-half" }, first, about, go, said, step)),
    story,
  );
  const ask = (button) => {
    if (button.getAttribute("aria-disabled") === "true") setText(said, button.title);
    else model.send({ action: button.dataset.action });
  };
  go.addEventListener("click", () => ask(go));
  again.addEventListener("click", () => ask(again));

  function fill() {
    const here = model.get("here");
    const none = here.mode === "none";
    view.lang = model.get("lang");
    view.setAttribute("aria-label", model.get("title"));
    title.textContent = model.get("title");
    lead.textContent = word("welcome.lead");
    language.setAttribute("aria-label", word("welcome.language"));
    for (const one of choices)
      one.setAttribute("aria-pressed", String(one.dataset.lang === model.get("lang")));
    where.textContent = word("welcome.here");
    facts.replaceChildren(...told(here, none));
    again.textContent = word("welcome.again");
    again.hidden = !none;
    first.textContent = word("welcome.first");
    about.replaceChildren(`${word("welcome.first.lead")} `, node("code", {}, model.get("command")));
    view.querySelector(":scope > details > summary").textContent = word("view.text");
    view.querySelector(":scope > details > .dl-text").textContent = model.get("text");
    act(none);
    story.replaceChildren(...happened());
  }

  function told(here, none) {
    const engine = here.name && node("p", { class: `dl-engine dl-${here.mode}`, title: word("welcome.engine.tip") },
      `${word("welcome.engine")}: `, node("strong", {}, here.name));
    const parts = here.where.map((line) => node("p", {}, line));
    if (engine) parts.unshift(engine);
    if (here.cannot.length) parts.push(node("h4", {}, word("welcome.cannot")), list(here.cannot));
    if (none) parts.push(node("h4", {}, word("welcome.remedy")), list(here.remedy));
    if (here.says.length)
      parts.push(node("details", { lang: "en" }, node("summary", {}, word("welcome.more")), list(here.says)));
    return parts;
  }

  function act(none) {
    const busy = model.get("busy");
    const ran = model.get("result");
    go.textContent = word(ran ? "welcome.first.rerun" : "welcome.first.run");
    const off = !alive() ? "view.offline" : none ? "welcome.first.noengine" : busy ? "view.busy" : "";
    for (const [button, why] of [[go, off], [again, none && !busy ? "" : off]]) {
      button.setAttribute("aria-disabled", String(!!why));
      button.title = why ? word(why) : "";
    }
    view.classList.toggle("dl-busy", !!busy);
    said.classList.toggle("dl-ill", model.get("failed") && !busy);
    setText(said, busy ? word("view.busy") : ran);
    setText(step, busy ? model.get("progress") : "");
  }

  function happened() {
    if (!model.get("result") || model.get("busy")) return [];
    const parts = [];
    const output = model.get("output");
    if (output) parts.push(node("h4", {}, word("welcome.first.said")), node("pre", { class: "dl-screen", tabindex: "0" }, output));
    const steps = model.get("steps").map((step) =>
      node("li", { class: step.failed ? "dl-ill" : null }, node("strong", {}, step.title), node("p", {}, step.why),
        ...step.proof.map((line) => node("code", {}, line))));
    parts.push(node("h4", {}, word("welcome.first.happened")), node("ol", {}, ...steps));
    return parts;
  }

  fill();
  if (model.get("guess") && model.get("lang") === "en" && navigator.language.startsWith("ko"))
    model.send({ action: "language", lang: "ko", guess: true });
  // Who comes back from a chapter finds the map as it is now.
  let away = false;
  const watcher = new IntersectionObserver(([seen]) => {
    if (seen.isIntersecting && away && alive()) model.send({ action: "map" });
    away = !seen.isIntersecting && !el.offsetParent;
  });
  watcher.observe(view);
  const forget = listen(model, ["here", "words", "lang", "result", "steps", "output", "busy", "progress"], fill);
  return () => {
    watcher.disconnect();
    forget();
  };
}

export default { render };
