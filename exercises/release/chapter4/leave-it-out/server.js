const http = require('http');

http
  .createServer((request, response) => response.end('The shop is open, version 1\n'))
  .listen(8080, () => console.log('Listening on port 8080'));
