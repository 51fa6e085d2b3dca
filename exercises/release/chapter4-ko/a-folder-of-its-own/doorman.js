const fs = require('fs');

for (const guest of fs.readFileSync('etc/passwd', 'utf8').split('\n')) {
  if (guest) console.log(`${guest} may pass`);
}
