// A plugin of JupyterLab's: a cell that holds a file has the colours of that file's language.
// JupyterLab (4.6) knows Dockerfiles, YAML and the rest, but takes each cell for Python; what its
// first line says (%%dockerfile, %%compose, %%file NAME) is enough to choose another.
// This is the container that a bundler would have made; JupyterLab asks it for "./extension".
(() => {
  const FILE = /^%%(?:file|writefile)\s+(?:-\S+\s+)*(?:\S*\/)?(\S+)\s*$/;
  let shared = {};

  async function use(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  function languageOf(line, languages) {
    if (/^%%dockerfile\b/.test(line)) return languages.findByName("Dockerfile");
    if (/^%%compose\b/.test(line)) return languages.findByName("YAML");
    const [, name] = FILE.exec(line) ?? [];
    // A plain .txt is better left as it is than without any colours.
    if (!name) return null;
    return name.startsWith("Dockerfile") ? languages.findByName("Dockerfile") : languages.findByFileName(name);
  }

  function follow(panel, languages) {
    const seen = new WeakSet();
    const dressed = new WeakSet();
    const dress = (model) => {
      const [line] = model.sharedModel.getSource().split("\n", 1);
      const mime = line.startsWith("%%") ? languageOf(line, languages)?.mime : null;
      const wanted = [mime].flat()[0];
      if (wanted) {
        dressed.add(model);
        model.mimeType = wanted; // no news where it is so already
      } else if (dressed.delete(model)) {
        model.mimeType = panel.content.codeMimetype;
      }
    };
    const look = () => {
      for (const model of panel.content.model?.cells ?? []) {
        if (model.type !== "code" || seen.has(model)) continue;
        seen.add(model);
        model.contentChanged.connect(dress);
        model.mimeTypeChanged.connect(dress); // the kernel's language has come: everything is Python
        dress(model);
      }
    };
    panel.context.ready.then(() => {
      look();
      panel.content.model.cells.changed.connect(look);
    });
  }

  async function extension() {
    const { INotebookTracker } = await use("@jupyterlab/notebook");
    const { IEditorLanguageRegistry } = await use("@jupyterlab/codemirror");
    const activate = (_, tracker, languages) => {
      tracker.forEach((panel) => follow(panel, languages));
      tracker.widgetAdded.connect((_, panel) => follow(panel, languages));
    };
    return { id: "dockerlab-cells:colours", autoStart: true, requires: [INotebookTracker, IEditorLanguageRegistry], activate };
  }

  const container = {
    init: (scope) => { shared = scope; },
    get: async () => {
      const plugin = await extension();
      return () => ({ __esModule: true, default: plugin });
    },
  };
  (window._JUPYTERLAB ??= {})["dockerlab-cells"] = container;
})();
