// Mermaid's diagrams, drawn again whenever the page changes between light and dark.
// Without JavaScript their text is shown.
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => {
  const theme = document.body.dataset.theme;
  return theme === "dark" || (theme !== "light" && system.matches);
};

const figures = [...document.querySelectorAll(".highlight-mermaid")].map((block) => {
  const figure = document.createElement("figure");
  figure.className = "diagram";
  const source = block.textContent;
  block.replaceWith(figure);
  return { figure, source };
});

let drawn;
async function draw() {
  const dark = isDark();
  if (dark === drawn) return;
  drawn = dark;
  const fontFamily = getComputedStyle(document.body).fontFamily;
  mermaid.initialize({
    startOnLoad: false,
    theme: dark ? "dark" : "default",
    themeVariables: dark ? { edgeLabelBackground: "#333" } : {},
    fontFamily,
  });
  for (const [index, { figure, source }] of figures.entries()) {
    const { svg } = await mermaid.render(`diagram-${index}`, source);
    figure.innerHTML = svg;
  }
}

draw();
system.addEventListener("change", draw);
new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-theme"] });
