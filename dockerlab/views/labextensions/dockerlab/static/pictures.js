// A plugin of JupyterLab's: a still picture says what it shows, and takes no more room than there is.
// JupyterLab (4.6) draws an SVG as an <img> without alternative text, in the size it was made for.
// This is the container that a bundler would have made; JupyterLab asks it for "./extension".
(() => {
  const SVG = "image/svg+xml";
  const BEFORE_THE_USUAL = 70; // whose rank is 80
  let shared = {};

  async function use(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  function describe(image, model) {
    const titled = () => new DOMParser().parseFromString(String(model.data[SVG]), SVG).querySelector("title");
    image.alt = model.metadata[SVG]?.alt ?? titled()?.textContent ?? "";
    image.style.maxWidth = "100%";
    image.style.height = "auto";
  }

  async function extension() {
    const { IRenderMimeRegistry, svgRendererFactory: usual } = await use("@jupyterlab/rendermime");
    const createRenderer = (options) => {
      const made = usual.createRenderer(options);
      const render = made.render.bind(made);
      made.render = async (model) => {
        await render(model);
        made.node.querySelectorAll("img").forEach((image) => describe(image, model));
      };
      return made;
    };
    const activate = (_, registry) => registry.addFactory({ ...usual, createRenderer }, BEFORE_THE_USUAL);
    return { id: "dockerlab:pictures", autoStart: true, requires: [IRenderMimeRegistry], activate };
  }

  const container = {
    init: (scope) => { shared = scope; },
    get: async () => {
      const plugin = await extension();
      return () => ({ __esModule: true, default: plugin });
    },
  };
  (window._JUPYTERLAB ??= {}).dockerlab = container;
})();
