# Each target sees to its own set-up (packaging/set_up.sh): nothing needs to be installed by hand but Python and make.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
SET_UP := sh packaging/set_up.sh
PHOTOS ?= ../shared/data/train.tar ../shared/data/train2.tar
DEMO ?= screenshots
CASES ?= 625
SOAK_SECONDS ?= 1800
PHOTO_CASES ?= $(CASES)
CONVERSIONS ?= 0
SEED ?= 1
# Tests need no screen.
OFFSCREEN := QT_QPA_PLATFORM=offscreen
# A process for each core, but no more than fit into the memory of a laptop.
AT_ONCE := -n auto --maxprocesses 4

.PHONY: help messages run demo test test-again test-core test-slow soak fuzz faults lint format bundle bundle-test bundle-full bundle-full-test release release-keras release-check clean-roots notice bench train trials sources standard-set icons man clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 27

run: ## Open the window
	@$(SET_UP) app
	@$(PY) -m catdog_desktop

demo: ## Run the window without a screen on photos that packages ship; screenshots go to DEMO=screenshots
	@$(SET_UP) demo
	@$(PY) -m catdog_desktop.gui.screenshots $(DEMO)
	@$(PY) -m catdog_desktop.gui.animated_picture $(DEMO)/story.webp

test: ## Run the tests
	@$(SET_UP) test
	@$(OFFSCREEN) $(PY) -m pytest $(AT_ONCE) --dist loadfile -m "not bundle and not full_bundle and not slow"

test-again: ## Run the few tests that failed in the last run again, one after the other
	@$(OFFSCREEN) $(PY) tests/run_again.py

test-core: ## Run the tests that need no TensorFlow (a quick set-up)
	@$(SET_UP) test-core
	@$(OFFSCREEN) $(PY) -m pytest $(AT_ONCE) --dist loadfile --ignore tests/training --ignore tests/bundle -m "not bundle and not full_bundle and not slow and not tensorflow"

test-slow: ## Run the tests that take more than a few seconds
	@$(SET_UP) test
	@$(OFFSCREEN) $(PY) -m pytest $(AT_ONCE) --dist worksteal -m "slow and not bundle and not full_bundle" || [ $$? -eq 5 ]

soak: ## Watch folders for SOAK_SECONDS=1800 while much goes wrong; memory, threads and open files must not grow (Linux)
	@$(SET_UP) test-core
	@$(PY) tests/soak/run_soak.py --seconds $(SOAK_SECONDS)

fuzz: ## Feed CASES=625 damaged files of each kind to the readers; continues in build/fuzz.json
	@$(SET_UP) test-core
	@$(PY) tests/fuzz/run_fuzz.py --cases $(CASES) --photos $(PHOTO_CASES) --conversions $(CONVERSIONS) --seed $(SEED) --jobs 3

faults: ## Let each function fail once, in the window and in commands; nothing may be lost (two to three hours)
	@$(SET_UP) test-core
	@$(OFFSCREEN) $(PY) tests/faults/run_faults.py --threads gui
	@$(OFFSCREEN) $(PY) tests/faults/run_faults.py --threads others
	@$(OFFSCREEN) $(PY) tests/faults/run_job_faults.py
	@$(PY) tests/faults/run_command_faults.py
	@$(PY) tests/faults/run_repeat_faults.py
	@$(PY) tests/faults/run_watch_faults.py

lint: ## Check style, types and import contracts
	@$(SET_UP) test-core
	@$(VENV)/bin/ruff check . build.spec
	@$(VENV)/bin/ruff format --check . build.spec
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(PY) packaging/catalogs.py check

format: ## Fix style where a tool can
	@$(SET_UP) test-core
	@$(VENV)/bin/ruff check --fix . build.spec
	@$(VENV)/bin/ruff format . build.spec

bundle: ## Freeze the app to dist/CatDog
	@$(SET_UP) bundle
	@$(PY) -m PyInstaller --noconfirm --log-level WARN build.spec

bundle-test: bundle ## Freeze the app and test what was made
	@$(SET_UP) bundle-test
	@$(PY) -m pytest -m bundle tests/bundle

bundle-full: ## Freeze the app with TensorFlow, which imports Keras models itself, to dist/CatDog-full
	@$(SET_UP) bundle-full
	@CATDOG_BUNDLE=full $(PY) -m PyInstaller --noconfirm --log-level WARN --workpath build/full build.spec

bundle-full-test: bundle bundle-full ## Freeze the app with TensorFlow and test what was made
	@$(PY) -m pytest -m full_bundle tests/bundle

release: ## Make everything that can be installed, with checksums and the list of software, in dist/release
	@$(SET_UP) release
	@$(PY) packaging/make_release.py dist/release

release-keras: bundle bundle-full ## Make the packages that add the import of Keras models, in dist/release
	@$(SET_UP) release
	@$(PY) packaging/linux_packages.py --keras dist/CatDog-full dist/CatDog dist/release

release-check: ## Make the release twice in different folders and compare the bytes (not in CI)
	@$(SET_UP) release
	@$(PY) packaging/make_release.py --check dist/release

clean-roots: ## Install and use the release in clean systems (root and debootstrap; not in CI)
	@sh packaging/clean_roots.sh dist/release build/roots $(OLD_DEB)

bench: ## Measure speed, memory and size beside the Keras way; writes benchmarks/results.json
	@$(SET_UP) bench
	@$(PY) -m benchmarks

train: ## Train the model on PHOTOS: folders or tars with cat/, dog/ and neither/
	@$(SET_UP) test
	@mkdir -p build
	@$(PY) -m catdog_desktop.training $(PHOTOS) --out models/catdog --checkpoint build/checkpoint.npz

trials: ## Measure the model on the held-out PHOTOS, changed as users' photos are; writes models/catdog/trials.json
	@$(SET_UP) test
	@$(PY) -m catdog_desktop.training.trial_figures $(PHOTOS) --save models/catdog/trials.json

sources: ## Train without some sources of PHOTOS each and measure on these; writes models/catdog/leave_sources_out.json
	@$(SET_UP) test
	@$(PY) -m catdog_desktop.training.leave_sources_out $(PHOTOS) --model models/catdog --work build/sources
	@$(PY) -m catdog_desktop.training.species_folds $(PHOTOS) --save models/catdog/species_folds.json

standard-set: ## Judge the held-out PHOTOS for learning, after training; writes models/catdog/standard_set.npz
	@$(SET_UP) test
	@$(PY) -m catdog_desktop.training.standard_set $(PHOTOS) --model models/catdog

icons: ## Render resources/icons from the drawing
	@$(SET_UP) demo
	@$(PY) packaging/render_icons.py

messages: ## Write the messages of the code into the translations, and compile these
	@$(SET_UP) test-core
	@$(PY) packaging/catalogs.py update
	@$(PY) packaging/catalogs.py pseudo build/pseudo/catdog.mo

notice: ## Write the list in NOTICE anew, after a change of packaging/third_party.py
	@$(SET_UP) bundle
	@$(PY) packaging/software_list.py notice

man: ## Write the man pages anew, after a change of the command line
	@$(SET_UP) test
	@$(PY) packaging/man_page.py

clean: ## Remove what was built, but not .venv
	@rm -rf build dist screenshots .pytest_cache .mypy_cache .ruff_cache
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print | xargs rm -rf
