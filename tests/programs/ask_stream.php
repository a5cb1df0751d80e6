<?php
// ask_stream.php IP PORT [TIMEOUT]: prints the answer, and who gave it.
$there = "tcp://$argv[1]:$argv[2]";
$stream = isset($argv[3])
	? @stream_socket_client($there, $number, $text, (float)$argv[3])
	: @stream_socket_client($there, $number, $text);
if (!$stream) {
	fwrite(STDERR, "$number $text\n");
	exit(1);
}
fwrite($stream, "who\n");
echo fgets($stream);
echo "peer ", stream_socket_get_name($stream, true), "\n";
