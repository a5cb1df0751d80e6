// ask_fetch.js IP PORT: prints the answer.
fetch(`http://${process.argv[2]}:${process.argv[3]}/`)
	.then((response) => response.text())
	.then((text) => process.stdout.write(text))
	.catch((e) => {
		console.error(e.message, e.cause && e.cause.message);
		process.exitCode = 1;
	});
