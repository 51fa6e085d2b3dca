// What visitors get: a finished page in the folder dist.
const { mkdirSync, writeFileSync } = require('node:fs');
const render = require('./src/render');

mkdirSync('dist', { recursive: true });
writeFileSync('dist/index.html', render());
console.log('dist/index.html is ready');
