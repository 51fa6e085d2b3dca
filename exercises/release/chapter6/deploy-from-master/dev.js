// For whoever works on the site: each visit makes the page anew, so an edit shows at once.
const http = require('node:http');
const render = require('./src/render');

process.on('SIGTERM', () => process.exit());
http
  .createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(render());
  })
  .listen(8080, () => console.log('Listening on port 8080'));
