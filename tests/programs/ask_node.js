// ask_node.js IP PORT: prints the answer, and who gave it.
const net = require('net');

const socket = net.connect(Number(process.argv[3]), process.argv[2], () => {
	const peer = `peer ${socket.remoteAddress}:${socket.remotePort}`;
	let answer = '';

	socket.on('data', (data) => { answer += data; });
	socket.on('end', () => {
		console.log(answer.trim());
		console.log(peer);
	});
	socket.write('who\n');
});
socket.on('error', (e) => {
	console.error(e.message);
	process.exitCode = 1;
});
