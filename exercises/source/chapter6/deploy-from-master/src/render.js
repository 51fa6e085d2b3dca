const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const read = (name) => readFileSync(join(__dirname, name), 'utf8').trim();

// The page, with the texts as they are now.
module.exports = function render() {
  return read('page.html').replaceAll('{{greeting}}', read('greeting.txt'));
};
