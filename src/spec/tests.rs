//! Cells as data: what they come to, and what is said of those that are wrong.

use super::parse::{Context, claim, compare, experiment, front_matter};
use super::yaml::Problem;
use super::*;
use proptest::prelude::*;

fn context() -> Context {
    Context { datasets: ["digits", "mnist", "mnist1d", "wine"].map(str::to_owned).to_vec() }
}

const BASE: &str = "\
id: batch-size
dataset: {name: digits, train: 1000, test: 449}
model: {kind: mlp, hidden: [64, 64], activation: relu}
loss: squared
optimizer: {kind: sgd, learning_rate: 0.05, batch_size: 32}
stop: {epochs: 200, train_loss: 0.01}
arms:
  flat:  {optimizer: {batch_size: 4}}
  sharp: {optimizer: {batch_size: full}}
sweep: {model.hidden: [[32, 32], [64, 64]]}
seeds: 5
measure: [lambda_max, {hessian_trace: {probes: 32, share: 0.1}}]
";

fn base() -> Experiment {
    experiment(BASE, &context()).unwrap()
}

#[test]
fn the_example_of_the_design_lays_out_its_runs() {
    let cell = base();
    assert_eq!((cell.arms.len(), cell.axes.len(), cell.seeds.len(), cell.runs.len()), (2, 1, 5, 20));
    let first = &cell.runs[0];
    assert_eq!((first.arm.as_str(), first.spec.optimizer.batch_size, first.spec.seed), ("flat", 4, 0));
    let last = &cell.runs[19];
    assert_eq!((last.arm.as_str(), last.spec.optimizer.batch_size, last.spec.seed), ("sharp", 1000, 4));
    assert_eq!((first.spec.stop.steps, last.spec.stop.steps), (200 * 250, 200));
    let ModelSpec::Mlp { hidden, .. } = &first.spec.model else { panic!("no mlp") };
    assert_eq!(hidden, &[32, 32]);
    assert_eq!(cell.axes[0].name(), "hidden");
    assert_eq!(cell.measures[1].settings.get(Setting::Probes), 32.0);
    assert_eq!(cell.measures[1].when, When::Share(0.1));
}

#[test]
fn what_is_left_out_has_the_documented_default() {
    let cell = experiment(
        "id: e\ndataset: {name: wine, train: 100}\nmodel: {hidden: 8}\noptimizer: {learning_rate: 0.1}",
        &context(),
    )
    .unwrap();
    let spec = &cell.runs[0].spec;
    assert_eq!(cell.arms, ["base"]);
    assert_eq!(spec.loss, Loss::CrossEntropy);
    assert_eq!((spec.optimizer.batch_size, spec.stop.steps, spec.dataset.test), (32, 400, 0));
    let ModelSpec::Mlp { activation, bias, init, .. } = &spec.model else { panic!("no mlp") };
    assert_eq!((*activation, *bias, init.kind), (Activation::Relu, true, InitKind::He));
}

#[test]
fn ids_depend_on_what_is_said_and_not_on_how() {
    let reformatted = BASE
        .replace(
            "{kind: sgd, learning_rate: 0.05, batch_size: 32}",
            "\n  batch_size: 32\n  learning_rate: 5.0e-2",
        )
        .replace("id: batch-size", "# a comment\nid: renamed");
    let ids = |cell: &Experiment| cell.runs.iter().map(|run| run.spec.id("")).collect::<Vec<_>>();
    let same = experiment(&reformatted, &context()).unwrap();
    assert_eq!(ids(&base()), ids(&same));
    let other = experiment(&BASE.replace("0.05", "0.1"), &context()).unwrap();
    assert!(ids(&base()).iter().zip(ids(&other)).all(|(a, b)| *a != b));
    let mut unique = ids(&base());
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 20);
    assert_ne!(base().runs[0].spec.id("one"), base().runs[0].spec.id("another"));
}

#[test]
fn canonical_specs_are_golden() {
    assert_eq!(
        base().runs[0].spec.canonical(),
        "{\"dataset\":{\"kind\":\"file\",\"label_noise\":0.0,\"name\":\"digits\",\"normalize\":\"standard\",\
         \"test\":449,\"train\":1000},\"engine\":\"dense\",\"loss\":\"squared\",\"model\":{\"activation\":\"relu\",\
         \"bias\":true,\"hidden\":[32,32],\"init\":{\"kind\":\"he\",\"scale\":1.0},\"kind\":\"mlp\"},\
         \"optimizer\":{\"batch_size\":4,\"kind\":\"sgd\",\"learning_rate\":0.05,\"momentum\":0.0,\
         \"weight_decay\":0.0},\"seed\":0,\"stop\":{\"steps\":50000,\"train_loss\":0.01}}"
    );
}

/// (the optimiser of a cell, what its JSON says)
const OPTIMIZERS: &[(&str, &str)] = &[
    ("{learning_rate: 1}", "\"kind\":\"sgd\",\"learning_rate\":1.0,\"momentum\":0.0,\"weight_decay\":0.0"),
    (
        "{kind: nesterov, learning_rate: 1, momentum: 0.9}",
        "\"kind\":\"sgd\",\"learning_rate\":1.0,\"momentum\":0.9,\"nesterov\":true,\"weight_decay\":0.0",
    ),
    (
        "{learning_rate: 1, momentum: 0.9, nesterov: true}",
        "\"kind\":\"sgd\",\"learning_rate\":1.0,\"momentum\":0.9,\"nesterov\":true,\"weight_decay\":0.0",
    ),
    (
        "{kind: adam, learning_rate: 1, beta2: 0.99}",
        "\"beta1\":0.9,\"beta2\":0.99,\"epsilon\":1e-8,\"kind\":\"adam\",\"learning_rate\":1.0,\"momentum\":0.0,\
         \"weight_decay\":0.0",
    ),
    (
        "{kind: mirror, learning_rate: 1}",
        "\"beta\":1.0,\"kind\":\"mirror\",\"learning_rate\":1.0,\"momentum\":0.0,\"weight_decay\":0.0",
    ),
    (
        "{kind: asam, learning_rate: 1}",
        "\"eta\":0.01,\"kind\":\"asam\",\"learning_rate\":1.0,\"momentum\":0.0,\"rho\":0.5,\"weight_decay\":0.0",
    ),
    (
        "{learning_rate: 1, clip: 2, label_noise: 0.1, gradient_penalty: 0.01, schedule: cosine}",
        "\"clip\":2.0,\"gradient_penalty\":0.01,\"kind\":\"sgd\",\"label_noise\":0.1,\"learning_rate\":1.0,\
         \"momentum\":0.0,\"schedule\":{\"final\":0.0,\"kind\":\"cosine\",\"warmup\":0},\"weight_decay\":0.0",
    ),
    (
        "{learning_rate: 1, schedule: {kind: step, decay_at: [3, 5], warmup: 10}}",
        "\"kind\":\"sgd\",\"learning_rate\":1.0,\"momentum\":0.0,\
         \"schedule\":{\"decay_at\":[3,5],\"factor\":0.1,\"kind\":\"step\",\"warmup\":10},\"weight_decay\":0.0",
    ),
    (
        "{learning_rate: 1, schedule: constant}",
        "\"kind\":\"sgd\",\"learning_rate\":1.0,\"momentum\":0.0,\"weight_decay\":0.0",
    ),
];

#[test]
fn optimizers_are_golden_and_come_back() {
    for (cell, json) in OPTIMIZERS {
        let text = BASE.replace("{kind: sgd, learning_rate: 0.05, batch_size: 32}", cell);
        let spec = &experiment(&text, &context()).unwrap().runs[0].spec;
        let canonical = spec.canonical();
        let (optimizer, rest) =
            canonical.split_once("\"optimizer\":{").unwrap().1.split_once(",\"seed\"").unwrap();
        assert!(rest.starts_with(':'));
        assert_eq!(optimizer.replace("\"batch_size\":4,", ""), format!("{json}}}"), "{cell}");
        assert_eq!(&serde_json::from_str::<RunSpec>(&canonical).unwrap(), spec, "{cell}");
    }
}

#[test]
fn a_spec_survives_the_way_to_a_worker() {
    for run in base().runs {
        let back: RunSpec = serde_json::from_str(&run.spec.canonical()).unwrap();
        assert_eq!(back, run.spec);
    }
}

/// (what is replaced, by what, the message, the help, what the place reads)
const WRONG: &[(&str, &str, &str, &str, &str)] = &[
    (
        "learning_rate",
        "learning_rat",
        "unknown key `learning_rat` in optimizer",
        "did you mean `learning_rate`?",
        "learning_rat",
    ),
    ("loss: squared", "los: squared", "unknown key `los` in experiment", "did you mean `loss`?", "los"),
    (
        "{optimizer: {batch_size: 4}}",
        "{optimizer: {batchsize: 4}}",
        "unknown key `batchsize` in optimizer",
        "did you mean `batch_size`?",
        "batchsize",
    ),
    (
        "{optimizer: {batch_size: 4}}",
        "{optimiser: {batch_size: 4}}",
        "unknown key `optimiser` in flat",
        "did you mean `optimizer`?",
        "optimiser",
    ),
    ("name: digits", "name: digit", "there is no dataset `digit`", "did you mean `digits`?", "digit"),
    (
        "name: digits",
        "name: ../secret",
        "there is no dataset `../secret`",
        "one of digits, mnist, mnist1d, wine",
        "../secret",
    ),
    ("kind: mlp", "kind: mpl", "unknown kind of model `mpl`", "did you mean `mlp`?", "mpl"),
    ("activation: relu", "activation: rleu", "unknown activation `rleu`", "did you mean `relu`?", "rleu"),
    ("0.05", "fast", "`learning_rate` must be a number, not text", "", "fast"),
    ("0.05", "-1", "`learning_rate` must be above 0, not -1", "", "-1"),
    ("0.05", ".nan", "`learning_rate` must be a finite number, not NaN", "", ".nan"),
    ("train: 1000", "train: 10.5", "`train` must be a whole number from 1 to 10000000, not 10.5", "", "10.5"),
    ("batch_size: full", "batch_size: half", "`batch_size` must be a whole number or `full`", "", "half"),
    ("seeds: 5", "seeds: [1, 2, 1]", "seed 1 stands twice", "", "1"),
    (
        "model.hidden:",
        "model.hiden:",
        "unknown key `hiden` in model",
        "did you mean `hidden`?",
        "model.hiden",
    ),
    ("model.hidden:", "seeds:", "a sweep cannot reach `seeds`", "did you mean `seed_of`?", "seeds"),
    (
        "[lambda_max,",
        "[lamda_max,",
        "there is no measure `lamda_max`",
        "did you mean `lambda_max`?",
        "lamda_max",
    ),
    (
        "probes: 32",
        "rho: 0.1",
        "unknown key `rho` in hessian_trace",
        "one of at, every, share, probes",
        "rho",
    ),
    (
        "id: batch-size",
        "id: Batch Size",
        "`Batch Size` cannot be an id",
        "lower-case letters, digits, `-` and `_`, at most 64",
        "Batch Size",
    ),
    (
        "flat: ",
        "1st: ",
        "`1st` cannot be the name of an arm",
        "letters, digits and `_`, not starting with a digit, so that `expect` can use it",
        "1st",
    ),
    ("seeds: 5", "seeds: 5\nseeds: 6", "duplicate key `seeds`", "", "seeds"),
    (
        "{name: digits, train: 1000, test: 449}",
        "&x {name: digits, train: 10}",
        "YAML anchors and aliases are not allowed in a cell",
        "write the value out",
        "&x {",
    ),
    (
        "seeds: 5",
        "seeds: !!int 5",
        "YAML tags mean nothing here",
        "text that begins with `!` must stand in quotes",
        "!!int 5",
    ),
    ("train_loss: 0.01", "train_accuracy: 2", "`train_accuracy` must be between 0 and 1, not 2", "", "2"),
    ("seeds: 5", "seeds: 10000\nstop: {steps: 1}", "duplicate key `stop`", "", "stop"),
    ("[[32, 32], [64, 64]]", "{range: [1, 9000]}", "90000 runs", "", ""),
    (
        "kind: sgd,",
        "beta1: 0.9,",
        "`beta1` means nothing to sgd",
        "it belongs to adam, adamw; `beta1: null` in an arm takes it out",
        "beta1",
    ),
    (
        "kind: sgd,",
        "kind: adam, momentum: 0.9,",
        "`momentum` means nothing to adam",
        "it belongs to sgd, gd, nesterov, sam, asam; `momentum: null` in an arm takes it out",
        "momentum",
    ),
    (
        "kind: sgd,",
        "kind: sam, gradient_penalty: 0.1,",
        "`gradient_penalty` means nothing to sam",
        "it belongs to sgd, gd, nesterov, adam, adamw, sign_gd, mirror; `gradient_penalty: null` in an arm takes it out",
        "gradient_penalty",
    ),
    ("kind: sgd,", "kind: adm,", "unknown optimizer `adm`", "did you mean `adam`?", "adm"),
    ("kind: sgd,", "kind: nesterov,", "nesterov needs a `momentum`", "momentum: 0.9", "kind"),
    ("kind: sgd,", "nesterov: true,", "nesterov needs a `momentum`", "momentum: 0.9", "nesterov"),
    ("kind: sgd,", "kind: sam, rho: 0,", "`rho` must be above 0, not 0", "", "0"),
    ("kind: sgd,", "momentum: 1,", "`momentum` must be below 1", "", "momentum"),
    ("kind: sgd,", "clip: 0,", "`clip` must be above 0, not 0", "", "0"),
    ("kind: sgd,", "schedule: {kind: step},", "schedule needs `decay_at`", "", ""),
    (
        "kind: sgd,",
        "schedule: {kind: step, decay_at: [5, 3]},",
        "`decay_at` takes epochs in rising order",
        "decay_at: [30, 60]",
        "[5, 3]",
    ),
    (
        "kind: sgd,",
        "schedule: {kind: step, decay_at: [5], final: 0.1},",
        "`final` means nothing but for cosine and linear",
        "",
        "final",
    ),
    ("kind: sgd,", "schedule: cosin,", "unknown schedule `cosin`", "did you mean `cosine`?", "cosin"),
    (
        "batch_size: 32}\nstop: {epochs: 200,",
        "schedule: cosine}\nstop: {time: 20,",
        "`time` means nothing where the learning rate changes",
        "give `steps` or `epochs`",
        "time",
    ),
    (
        "loss: squared\noptimizer: {",
        "loss: cross_entropy\noptimizer: {label_noise: 1.5, ",
        "`label_noise` must be between 0 and 1, not 1.5",
        "",
        "1.5",
    ),
    (
        "{name: digits, train: 1000, test: 449}\nmodel: {kind: mlp, hidden: [64, 64], activation: relu}\nloss: squared",
        "{kind: teacher, train: 1000}\nmodel: {hidden: 8}\nloss: logistic",
        "the logistic loss needs two classes, and this dataset has 4",
        "loss: cross_entropy, or `classes: 2`",
        "logistic",
    ),
    (
        "{name: digits, train: 1000, test: 449}\nmodel: {kind: mlp, hidden: [64, 64], activation: relu}\nloss: squared",
        "{kind: chebyshev, train: 1000}\nmodel: {hidden: 8}\nloss: logistic",
        "the logistic loss needs two classes, and this dataset has real targets",
        "loss: squared",
        "logistic",
    ),
];

#[test]
fn what_is_wrong_is_named_with_its_place_and_its_mend() {
    for (from, to, message, help, at) in WRONG {
        let text = BASE.replacen(from, to, 1);
        match experiment(&text, &context()) {
            Ok(cell) => assert_eq!(format!("{} runs", cell.runs.len()), *message, "{to}"),
            Err(problem) => {
                assert_eq!(problem.message, *message, "{to}");
                assert_eq!(problem.help.as_deref().unwrap_or_default(), *help, "{to}");
                assert_eq!(text.get(problem.span.clone()).unwrap(), *at, "{to}");
            }
        }
    }
}

#[test]
fn too_many_runs_are_refused_before_they_are_laid_out() {
    let text = BASE.replace(
        "[[32, 32], [64, 64]]",
        "{range: [1, 9999]}, optimizer.learning_rate: {log: [1.0e-9, 1], points: 1000}",
    );
    // Ten million of them would not fit.
    let problem = experiment(&text, &context()).unwrap_err();
    assert!(problem.message.ends_with("runs in one cell; 100000 is the most"), "{}", problem.message);
}

#[test]
fn bombs_are_refused() {
    let deep = |count: usize| format!("id: e\ndataset: {}{}", "[".repeat(count), "]".repeat(count));
    let refused = |text: &str| -> Problem { experiment(text, &context()).unwrap_err() };
    assert_eq!(refused(&deep(20_000)).message, "nested more than 24 deep");
    assert!(refused(&"[".repeat(20_000)).message.contains("nested more than 24 deep"));
    assert_eq!(refused(&deep(40_000)).message, "78 KiB of YAML in one cell; 64 KiB is the most");
    let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]";
    assert_eq!(refused(laughs).message, "YAML anchors and aliases are not allowed in a cell");
    assert_eq!(refused("id: a\n---\nid: b").message, "a second YAML document in one cell");
}

#[test]
fn claims_and_compares_are_read() {
    let cell = compare("of: batch-size\nshow: [train_loss, lambda_max]\nbaseline: sharp").unwrap();
    assert_eq!(
        (cell.of, cell.show.len(), cell.baseline.as_deref()),
        (vec!["batch-size".into()], 2, Some("sharp"))
    );
    let cell = compare("of: [a:flat, e#b:sharp]\nplot: scatter").unwrap();
    assert_eq!((cell.of.len(), cell.plot), (2, Plot::Scatter));
    let problem = compare("of: a\nplot: sctter").unwrap_err();
    assert!(format!("{problem:?}").contains("scatter"), "{problem:?}");
    let problem = claim("id: c\nsays: x\nfrom: a:flat\nexpect: flat.train_loss < 1").unwrap_err();
    assert!(problem.message.contains("names cells, and no arms: `a`"), "{problem:?}");
    let cell = claim(
        "id: flatter\nsays: Flat.\nsource: S0-8\nkind: direction\nfrom: batch-size\nlet: {c: 0.5}\n\
         expect: flat.lambda_max < c * sharp.lambda_max\nmust: supported",
    )
    .unwrap();
    assert_eq!(
        (cell.source, cell.kind, cell.must),
        (vec!["S0-8".into()], ClaimKind::Direction, Some(Must::Supported))
    );
    assert_eq!(constants("{c: 0.5}"), Ok(vec!["c = 0.5".to_owned()]));
}

/// The constants of a claim with this `let` as they display, or what is wrong with them: the place and the words.
fn constants(written: &str) -> Result<Vec<String>, (String, String)> {
    let text = format!("id: c\nkind: identity\nlet: {written}\nexpect: 1 < 2\n");
    match claim(&text) {
        Ok(claim) => {
            let shown = |it: &Constant| format!("{} = {}", it.name, it.value);
            Ok(claim.constants.iter().map(shown).collect())
        }
        Err(problem) => {
            let place = text[problem.span.clone()].to_owned();
            Err((place, format!("{}; {}", problem.message, problem.help.unwrap_or_default())))
        }
    }
}

#[test]
fn constants_are_numbers_or_expressions_over_those_before() {
    for (written, shown) in [
        ("{N: 1e6, c: -3, small: 1e-9}", "N = 1000000; c = -3; small = 1e-9"),
        ("{N: 1e6, M: 7473, bound: N^(3/2)/sqrt(M)}", "N = 1000000; M = 7473; bound = N^(3 / 2) / sqrt(M)"),
        ("{q: 0.1, 'p': 'kl_inverse( q,0.05 )'}", "q = 0.1; p = kl_inverse(q, 0.05)"),
        ("{a: 2, b: a, c: 'max(a,b) + -a'}", "a = 2; b = a; c = max(a, b) + -a"),
        ("\n  a: 2 + 3\n  b: \"factorial(a)\"", "a = 2 + 3; b = factorial(a)"),
    ] {
        assert_eq!(constants(written).map(|all| all.join("; ")), Ok(shown.to_owned()), "{written}");
    }
}

#[test]
fn what_a_constant_cannot_be_is_told_at_its_place() {
    for (written, place, words) in [
        (
            "{width: 2, b: widht + 1}",
            "widht",
            "no constant before this one is called `widht`; did you mean `width`?",
        ),
        ("{a: b + 1, b: 2}", "b", "`b` is not defined yet"),
        ("{a: a + 1}", "a", "`a` is not defined yet"),
        ("{a: lots}", "lots", "a constant is made of numbers"),
        ("{a: 1, b: 'mean(a over x)'}", "mean(a over x)", "`mean` goes over runs"),
        ("{a: 1, b: 'max(a over a)'}", "max(a over a)", "`max` goes over runs"),
        ("{a: 1, b: 'norm(weights)'}", "norm(weights)", "`norm` goes over runs"),
        ("{a: 1, b: flat.test_error}", "flat.test_error", "a constant knows no runs"),
        ("{a: 1, b: a < 2}", "a < 2", "true or false, where a number is due"),
        ("{a: 1, b: a +}", "", "expected a value"),
        ("{a: 1, b: sqr(a)}", "sqr", "did you mean `sqrt`?"),
        ("{a: [1]}", "[1]", "`a` must be a number"),
        ("{a: .inf}", ".inf", "finite"),
    ] {
        let (at, said) = constants(written).unwrap_err();
        assert_eq!(at, place, "{written}: {said}");
        assert!(said.contains(words), "{written}: {said}");
    }
}

#[test]
fn an_error_in_expect_points_into_it() {
    let text = "id: c\nfrom: e\nexpect: flat.lambda_max < ) 2\n";
    let problem = claim(text).unwrap_err();
    assert_eq!(text.get(problem.span.clone()).unwrap(), ")", "{problem:?}");
}

#[test]
fn front_matter_is_read_and_closed() {
    let front = front_matter("title: A: b\n").unwrap_err();
    assert_eq!(front.span.start, 8, "{front:?}");
    let front = front_matter("title: Flat?\ndate: 2026-11-22\ntags: [a, b]\n").unwrap();
    assert_eq!((front.title.as_deref(), front.tags.len()), (Some("Flat?"), 2));
    assert_eq!(front_matter("titel: x").unwrap_err().help.unwrap(), "did you mean `title`?");
    assert!(front_matter("date: 2026-02-30").is_err());
}

proptest! {
    #[test]
    fn no_text_makes_a_cell_panic(text in "\\PC{0,200}") {
        let _ = (experiment(&text, &context()), compare(&text), claim(&text), front_matter(&text));
    }

    #[test]
    fn no_mutation_of_a_good_cell_panics_or_points_outside(at in 0usize..600, with in "[\\[\\]{}:,&*!\\-\n\"' a0é]{0,3}") {
        let at = at.min(BASE.len());
        let text = format!("{}{with}{}", &BASE[..at], &BASE[at..]);
        if let Err(problem) = experiment(&text, &context()) {
            prop_assert!(text.get(problem.span.clone()).is_some(), "{:?} in {:?}", problem, text);
        }
    }
}

#[test]
fn a_stream_can_stay_while_the_seeds_vary() {
    let read = |seed_of: &str| experiment(&format!("{BASE}seed_of: {seed_of}"), &context());
    let cell = read("{init: fixed, order: 3}").unwrap();
    for run in &cell.runs {
        let spec = &run.spec;
        assert_eq!((spec.init_seed(), spec.order_seed()), (0, 3));
        assert_eq!((spec.data_seed(), spec.noise_seed()), (spec.seed, spec.seed));
        assert_eq!(serde_json::from_str::<RunSpec>(&spec.canonical()).unwrap(), *spec);
    }
    let ids = |cell: &Experiment| cell.runs.iter().map(|run| run.spec.id("")).collect::<Vec<_>>();
    assert!(ids(&cell).iter().zip(ids(&base())).all(|(pinned, free)| *pinned != free));
    assert_eq!(ids(&read("{}").unwrap()), ids(&base()), "what pins nothing is no other run");
    assert_eq!(ids(&read("{init: 0, order: 3}").unwrap()), ids(&cell));
    let text = BASE.replace("{optimizer: {batch_size: 4}}", "{seed_of: {data: fixed}}");
    let arms = experiment(&text, &context()).unwrap();
    assert_eq!((arms.runs[1].spec.data_seed(), arms.runs[19].spec.data_seed()), (0, 4));
    for (seed_of, message, help) in [
        ("{int: fixed}", "unknown key `int` in seed_of", "did you mean `init`?"),
        ("{init: fxed}", "unknown seed of init `fxed`", "did you mean `fixed`?"),
        ("{init: -1}", "`init` must be a whole number from 0 to 9007199254740992, not -1", ""),
        ("fixed", "`seed_of` must be a map, not text", ""),
    ] {
        let problem = read(seed_of).unwrap_err();
        assert_eq!((&*problem.message, problem.help.as_deref().unwrap_or_default()), (message, help));
    }
}
