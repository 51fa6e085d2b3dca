const test = require('node:test');
const assert = require('node:assert');
const render = require('../src/render');

test('the page greets', () => {
  assert.match(render(), /<h1>Hello/);
});

test('no placeholder is left', () => {
  assert.doesNotMatch(render(), /\{\{/);
});
