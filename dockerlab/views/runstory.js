// Steps through the story: earlier steps stay, the present one stands out, later ones wait.

function render({ model, el }) {
  const words = model.get("words");
  const steps = model.get("steps");
  const { view, picture, controls, status } = frame(model, el);
  let timer = null;

  const go = (step) => {
    model.set("step", Math.max(0, Math.min(steps.length, step)));
    model.save_changes();
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    show();
  };
  const play = () => {
    if (timer) return stop();
    if (model.get("step") === 0 || model.get("step") === steps.length) go(1);
    timer = setInterval(() => {
      if (model.get("step") >= steps.length) return stop();
      go(model.get("step") + 1);
    }, 2400);
    show();
  };
  const button = (label, onclick, text) => node("button", { type: "button", "aria-label": label, title: label, onclick }, text);
  const manual = (step) => () => { clearInterval(timer); timer = null; go(step()); show(); };

  const previous = button(words["run.previous"], manual(() => model.get("step") - 1), "←");
  const next = button(words["run.next"], manual(() => model.get("step") + 1), "→");
  const player = button(words["run.play"], play, "▶");
  const whole = node("button", { type: "button", onclick: manual(() => 0) }, words["run.all"]);
  const dots = steps.map((step, index) =>
    node("button", { type: "button", class: "dl-dot", title: step.title, "aria-label": `${index + 1}. ${step.title}`, onclick: manual(() => index + 1) }, String(index + 1)));
  controls.append(previous, player, next, ...dots, whole);

  function show() {
    const step = model.get("step");
    view.classList.toggle("stepping", step > 0);
    for (const part of picture.querySelectorAll("[data-step]")) {
      const at = Number(part.dataset.step);
      part.classList.toggle("past", step > 0 && at < step);
      part.classList.toggle("now", step > 0 && at === step);
    }
    dots.forEach((dot, index) => dot.toggleAttribute("aria-current", false) ||
      (index + 1 === step ? dot.setAttribute("aria-current", "step") : dot.removeAttribute("aria-current")));
    whole.setAttribute("aria-pressed", String(step === 0));
    previous.setAttribute("aria-disabled", String(step === 0));
    next.setAttribute("aria-disabled", String(step === steps.length));
    player.textContent = timer ? "❚❚" : "▶";
    player.setAttribute("aria-label", timer ? words["run.pause"] : words["run.play"]);
    player.title = player.getAttribute("aria-label");
    const told = steps[step - 1];
    status.textContent = told ? `${step}. ${told.title}. ${told.why}` : "";
  }

  view.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    manual(() => model.get("step") + move)();
  });
  const forget = listen(model, ["step"], show);
  show();
  return () => { clearInterval(timer); forget(); };
}

export default { render };
