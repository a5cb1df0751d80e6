// many.js IP PORT COUNT RATE: asks COUNT times, RATE a second, and tells how
// many were answered, how many did not connect, and how many broke after that.
const net = require('net');
const [ip, ...numbers] = process.argv.slice(2);
const [port, count, rate] = numbers.map(Number);
const outcomes = {answered: 0, unconnected: 0, broken: 0};
let begun = 0;

function ask() {
	let outcome = 'unconnected';
	const socket = net.connect(port, ip, () => {
		outcome = 'broken';
		socket.write('who\n');
	});

	socket.on('data', () => { outcome = 'answered'; });
	socket.on('error', (e) => {
		if (outcome === 'unconnected')
			console.error(e.message);
	});
	socket.on('close', () => { outcomes[outcome]++; });
}

const clock = setInterval(() => {
	ask();
	if (++begun === count)
		clearInterval(clock);
}, 1000 / rate);

process.on('exit', () => console.log(...Object.values(outcomes)));
