const COLOURS = ['#e4572e', '#f3a712', '#29935c', '#2e86ab', '#8a5a83'];
const A_ROW = 4;

/** A ship with so many containers on it, in words below. */
export default function Ship({ count }) {
  return (
    <figure>
      <svg viewBox="0 0 240 130" aria-hidden="true">
        {Array.from({ length: count }, (_, at) => (
          <rect
            key={at}
            x={48 + 36 * (at % A_ROW)}
            y={72 - 20 * Math.floor(at / A_ROW)}
            width="34"
            height="18"
            rx="2"
            fill={COLOURS[at % COLOURS.length]}
          />
        ))}
        <path className="hull" d="M20 92 H225 L205 118 H40 Z" />
        <path className="sea" d="M0 116 q15 -8 30 0 t30 0 t30 0 t30 0 t30 0 t30 0 t30 0 t30 0 V130 H0 Z" />
      </svg>
      <figcaption>{`${count} ${count === 1 ? 'container' : 'containers'} on board`}</figcaption>
    </figure>
  );
}
