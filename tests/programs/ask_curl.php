<?php
// ask_curl.php IP PORT: prints the answer, and who gave it.
$curl = curl_init("http://$argv[1]:$argv[2]/");
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
$answer = curl_exec($curl);
if ($answer === false) {
	fwrite(STDERR, curl_error($curl) . "\n");
	exit(1);
}
echo $answer;
echo "peer ", curl_getinfo($curl, CURLINFO_PRIMARY_IP), ":",
	curl_getinfo($curl, CURLINFO_PRIMARY_PORT), "\n";
