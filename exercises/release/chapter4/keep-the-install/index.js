const http = require('http');
const ms = require('ms');

http
  .createServer((request, response) => {
    response.end(`Hello World, for ${ms(process.uptime() * 1000)} now\n`);
  })
  .listen(8080, () => console.log('Listening on port 8080'));
