const http = require('http');

const PORT = 5492;

http
  .createServer((request, response) => response.end('Dear diary\n'))
  .listen(PORT, () => console.log(`Listening on port ${PORT}`));
