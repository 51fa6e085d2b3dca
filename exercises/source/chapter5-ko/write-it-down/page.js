// A page that counts its visits in Redis. It needs no package, so nothing is to be installed.
const http = require('node:http');
const net = require('node:net');

const PORT = 8080;
const STORE = process.env.STORE; // the machine that Redis runs on

// Process 1 of a container ends at a stop only if it says so.
process.on('SIGTERM', () => process.exit());

function ask(command) {
  return new Promise((answer, fail) => {
    const line = net.connect({ host: STORE, port: 6379 }, () => line.write(`${command}\r\n`));
    line.setTimeout(2000, () => line.destroy(new Error('no answer')));
    line.on('error', fail);
    line.once('data', (data) => {
      line.end();
      answer(String(data).slice(1).trim());
    });
  });
}

http
  .createServer(async (request, response) => {
    try {
      response.end(`Visits: ${await ask('INCR visits')}\n`);
    } catch (error) {
      response.statusCode = 503;
      response.end(`The store cannot be reached: ${error.message}\n`);
    }
  })
  .listen(PORT, () => console.log(`Listening on port ${PORT}, the store is ${STORE}`));
