// Process 1 of a container ends at a stop only if it says so, and from here on it does.
process.on('SIGTERM', () => process.exit());

const { once } = require('node:events');
const { hostname } = require('node:os');
const express = require('express');
const redis = require('redis');

const PORT = 8080;

// redis-server is the name of a machine; somebody has to see to it that the name is known.
const store = redis.createClient({
  url: 'redis://redis-server:6379',
  disableOfflineQueue: true,
});

let trouble = '';
store.on('error', (error) => {
  trouble = error.message;
  console.error(`The store cannot be reached: ${trouble}`);
});
store.on('ready', () => console.log('Connected to the store'));
store.connect();

const app = express();

app.get('/', async (request, response) => {
  try {
    const visits = await store.incr('visits');
    response.send(`Visits: ${visits} (counted by ${hostname()})`);
  } catch {
    response.status(503).send(`The store cannot be reached: ${trouble}`);
  }
});

// The door opens after the first try, whether it found the store or not.
once(store, 'ready')
  .catch(() => {})
  .then(() => app.listen(PORT, () => console.log(`Listening on port ${PORT}`)));
