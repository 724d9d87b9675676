UV := uv
lock:
	$(UV) pip compile -q setup.cfg --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" -o requirements/run.txt
	$(UV) pip compile -q setup.cfg --extra model --extra test --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" -c requirements/run.txt -o requirements/dev.txt
	$(UV) pip compile -q setup.cfg --extra model --extra bench --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" -c requirements/dev.txt -o requirements/bench.txt
