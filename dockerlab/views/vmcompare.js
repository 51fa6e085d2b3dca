// A slider for the number of apps; Python has drawn the stacks for each number.

function render({ model, el }) {
  const words = model.get("words");
  const frames = model.get("frames");
  const { picture, controls, status } = frame(model, el);
  const chart = node("div", { class: "dl-picture dl-chart" });
  chart.append(parsed(model.get("chart")));
  status.before(chart);

  const slider = node("input", { type: "range", min: 1, max: frames.length, step: 1, value: model.get("apps") });
  const count = node("output", {});
  controls.append(node("label", { class: "dl-apps" }, `${words["vm.apps"]} `, slider, " ", count));
  slider.addEventListener("input", () => {
    model.set("apps", Number(slider.value));
    model.save_changes();
  });

  function show(event) {
    const apps = model.get("apps");
    slider.value = String(apps);
    count.textContent = String(apps);
    picture.replaceChildren(parsed(frames[apps - 1]));
    if (event) status.textContent = [...picture.querySelectorAll("[data-note]")].map((note) => note.textContent).join(" · ");
  }
  const forget = listen(model, ["apps"], show);
  show();
  return forget;
}

export default { render };
