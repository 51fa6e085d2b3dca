# %%
%docker build -q -f Dockerfile.dev -t ex6/tests .
%docker run --name ex6-tests ex6/tests npm test

# %%
from pathlib import Path

source = Path("src/render.js")
source.write_text(source.read_text().replace(".replace(", ".replaceAll("))

# %%
%docker rm ex6-tests
%docker run --name ex6-tests ex6/tests npm test
