// Questions as the page's own fields. An answer goes to Python, which keeps it and says so.

function render({ model, el }) {
  const words = model.get("words");
  const { picture, controls, status, paint } = frame(model, el);
  controls.remove();
  status.classList.add("dl-heard");
  picture.classList.add("dl-quiz");
  const group = unique("dl-quiz");
  const say = (key, fields) => words[key].replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  // The texts are the exercise's own, with everything in them escaped.
  const rich = (tag, html, attributes = {}) => {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    return node(tag, attributes, ...parsed.body.childNodes);
  };

  // Seen below the question, and told to a screen reader; `bad` is what kept an answer from counting.
  const notes = new Map();
  const tell = (name, text, bad = false) => {
    const note = notes.get(name);
    note.textContent = text;
    note.className = bad ? "dl-kept bad" : "dl-kept";
    status.textContent = text;
  };
  const keep = (question, value) => {
    if (model.comm_live === false) tell(question.name, words["view.offline"], true);
    else model.send({ question: question.name, value });
    asked = question.name;
  };
  let asked = "";

  function options(question, type) {
    const kept = [model.get("values")[question.name] ?? []].flat();
    const list = node("div", { class: "dl-options" });
    const chosen = () => [...list.querySelectorAll("input:checked")].map((one) => one.value);
    for (const { name, html } of question.options) {
      const input = node("input", { type, name: `${group}-${question.name}`, value: name });
      input.checked = kept.includes(name);
      input.addEventListener("change", () => keep(question, type === "radio" ? name : chosen()));
      list.append(node("label", { class: "dl-option" }, input, rich("span", html)));
    }
    return list;
  }

  function field(question, prompt) {
    const number = question.kind === "number";
    const hint = `${group}-${question.name}-kind`;
    const input = node("input", {
      type: "text", inputmode: number ? "decimal" : null, autocomplete: "off", spellcheck: "false",
      "aria-describedby": hint, "aria-label": prompt,
    });
    input.value = model.get("values")[question.name] ?? "";
    const form = node("form", { class: "dl-field" }, input,
      node("button", { type: "submit" }, words["quiz.keep"]));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = input.value.trim();
      const value = number ? Number(typed.replaceAll(",", "")) : typed;
      const wrong = number && (typed === "" || !Number.isFinite(value));
      input.setAttribute("aria-invalid", String(wrong));
      if (wrong) tell(question.name, words["quiz.nonumber"], true);
      else if (typed) keep(question, value);
    });
    return form;
  }

  function order(question) {
    const texts = new Map(question.options.map((one) => [one.name, one]));
    let names = model.get("values")[question.name] ?? question.options.map((one) => one.name);
    if (names.length !== texts.size) names = [...texts.keys()];
    names = [...names];
    const list = node("ol", { class: "dl-order" });
    const move = (place, by) => {
      const [name] = names.splice(place, 1);
      names.splice(place + by, 0, name);
      fill();
      const row = list.children[place + by];
      // At an end the button of that direction is of no use any more: the other one takes over.
      const button = row.querySelector(`[data-by="${by}"]`);
      (button.disabled ? row.querySelector(`[data-by="${-by}"]`) : button).focus();
      status.textContent = say("quiz.moved", {
        option: texts.get(name).text, place: place + by + 1, all: names.length,
      });
    };
    const button = (place, by, sign) => {
      const option = texts.get(names[place]).text;
      const made = node("button", {
        type: "button", "data-by": by,
        "aria-label": say(by < 0 ? "quiz.up" : "quiz.down", { option }),
        onclick: () => move(place, by),
      }, sign);
      made.disabled = place + by < 0 || place + by >= names.length;
      return made;
    };
    const fill = () => list.replaceChildren(...names.map((name, place) => node("li", {},
      node("span", { class: "dl-place", "aria-hidden": "true" }, String(place + 1)),
      rich("span", texts.get(name).html, { class: "dl-step" }),
      button(place, -1, "↑"), button(place, 1, "↓"))));
    fill();
    const done = node("button", { type: "button", onclick: () => keep(question, names) },
      words["quiz.keep.order"]);
    return node("div", {}, list, done);
  }

  const makers = {
    choice: (question) => options(question, "radio"),
    choices: (question) => options(question, "checkbox"),
    number: field, text: field, order,
  };
  for (const question of model.get("questions")) {
    const legend = rich("legend", question.prompt);
    const note = node("p", { class: "dl-kept" });
    notes.set(question.name, note);
    picture.append(node("fieldset", {}, legend,
      node("p", { class: "dl-kind", id: `${group}-${question.name}-kind` },
        node("code", {}, question.name), ` ${words[`quiz.kind.${question.kind}`]}`),
      makers[question.kind](question, legend.textContent), note));
  }
  const lines = node("pre", { class: "dl-text", tabindex: "0" });
  const code = node("div", {}, node("p", {}, words["quiz.code"]), lines);
  picture.append(code);

  function fill() {
    const told = model.get("told");
    for (const [name, note] of notes) {
      const kept = name in told;
      note.textContent = kept ? say("quiz.kept", { value: told[name] }) : words["quiz.unkept"];
      note.className = kept ? "dl-kept done" : "dl-kept";
    }
    lines.textContent = model.get("code");
    code.hidden = !lines.textContent;
  }
  fill();
  return listen(model, ["told", "error", "code", "text"], () => {
    paint();
    fill();
    if (model.get("error")) tell(asked, model.get("error"), true);
    else if (asked) status.textContent = notes.get(asked).textContent;
  });
}

export default { render };
