import { useState } from 'react';
import Ship from './Ship.jsx';

const ROOM = 12;

export default function App() {
  const [count, setCount] = useState(3);
  return (
    <main>
      <h1>Hello from React</h1>
      <Ship count={count} />
      <p>
        <button onClick={() => setCount(count + 1)} disabled={count === ROOM}>
          Load one
        </button>
        <button onClick={() => setCount(count - 1)} disabled={count === 0}>
          Unload one
        </button>
      </p>
    </main>
  );
}
