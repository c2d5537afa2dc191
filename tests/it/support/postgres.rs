//! A private PostgreSQL with PostGIS: its own folder, its own loopback port, gone with the process that started it.
//!
//! The unit tests of the store include this file too, so it stands on the standard library and `tempfile` alone.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Set by `make unit`: without a PostgreSQL the tests fail instead of being skipped.
const REQUIRE: &str = "ONEMAP_REQUIRE_POSTGIS";

/// Where Debian and its like put the programs, one folder a version.
const VERSIONS: &str = "/usr/lib/postgresql";

const SUPERUSER: &str = "postgres";
const PASSWORD: &str = "not a secret";
const TEMPLATE: &str = "onemap_template";
const PORT_TRIES: usize = 5;

/// Waits until the process that holds the other end of its input is gone, however it ended, then clears up after it.
const WATCHDOG: &str =
    r#"trap '' INT TERM HUP; cat >/dev/null; cd "$1" && "$0" -D data -m immediate -s stop; cd / && rm -rf "$1""#;

/// Whether what was committed must survive a crash of the machine; a crash of the server alone it survives anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fsync {
    /// Every commit waits for the disk.
    On,
    /// Fast.
    Off,
}

/// How the server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Clients are disconnected, the server writes everything out.
    Fast,
    /// As if it had crashed; the next start recovers from the log.
    Immediate,
}

/// A server. Dropping it stops it and removes its folder.
pub struct Cluster {
    bin: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    databases: AtomicU32,
    watchdog: Child,
}

impl Cluster {
    /// The server that the tests of this process share; `None`, with a message, where PostgreSQL is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Fsync::Off)).as_ref()
    }

    /// A server of one's own, for tests that stop it.
    #[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
    pub fn start(fsync: Fsync) -> Option<Self> {
        let Some(bin) = programs() else {
            let required = std::env::var_os(REQUIRE).is_some_and(|value| value == "1");
            assert!(!required, "{REQUIRE} is set, but there is no PostgreSQL: run scripts/setup.sh test");
            eprintln!("skipped: there is no PostgreSQL under {VERSIONS} nor on the PATH");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("onemap-pg-").tempdir().unwrap();
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        make_certificates(folder.path());
        give_to_server(folder.path());
        let mut init = as_server(&bin.join("initdb"), folder.path());
        init.args(["-D", "data", "-U", SUPERUSER, "--pwfile=password", "--auth-local=trust"]);
        run(init.args(["--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]));
        let watchdog = watch(&bin, folder.path());
        let mut cluster = Self { bin, folder, port: 0, databases: AtomicU32::new(0), watchdog };
        cluster.start_on_a_free_port(fsync);
        cluster.psql("postgres", &format!("CREATE DATABASE {TEMPLATE}"));
        cluster.psql(TEMPLATE, "CREATE EXTENSION postgis; CREATE EXTENSION btree_gist");
        Some(cluster)
    }

    /// A new empty database with the extensions of the register; its address, with `sslmode=disable` at its end.
    pub fn database(&self) -> String {
        self.copy_of(TEMPLATE)
    }

    /// A new empty database without any extension; its address.
    pub fn bare_database(&self) -> String {
        self.copy_of("template1")
    }

    fn copy_of(&self, template: &str) -> String {
        // A template must not be in use, not even by another copy that is being made.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("register{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        let password = PASSWORD.replace(' ', "%20");
        format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{}/{name}?sslmode=disable", self.port)
    }

    /// How libpq reaches a database as the superuser.
    pub fn conninfo(&self, database: &str) -> String {
        format!("host={} port={} user={SUPERUSER} dbname={database}", self.folder.path().display(), self.port)
    }

    /// Certificate of the authority that signed the server's own, which is for `localhost` and 127.0.0.1.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    /// Certificate of an authority that the server has nothing to do with.
    pub fn other_ca_file(&self) -> PathBuf {
        self.folder.path().join("other.crt")
    }

    /// Runs statements as the superuser and answers with what they print: one line a row, `|` between columns.
    pub fn psql(&self, database: &str, statements: &str) -> String {
        run(&mut self.psql_command(database, statements)).trim().to_owned()
    }

    /// What the server says to statements that fail; `None` when they do not.
    pub fn psql_refused(&self, database: &str, statements: &str) -> Option<String> {
        let output = self.psql_command(database, statements).output().unwrap();
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn psql_command(&self, database: &str, statements: &str) -> Command {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", database, "-c", statements]);
        psql.arg("-h").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        psql
    }

    /// Cuts every connection to a database.
    pub fn cut_connections(&self, database: &str) {
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        self.psql("postgres", &cut);
    }

    /// Stops the server.
    pub fn stop(&self, how: Stop) {
        let mode = if how == Stop::Fast { "fast" } else { "immediate" };
        run(self.pg_ctl().args(["-m", mode, "-w", "-s", "stop"]));
    }

    /// Starts the server again, on the same port.
    pub fn start_again(&self) {
        run(self.pg_ctl().args(["-l", "log", "-w", "-s", "start"]));
    }

    fn start_on_a_free_port(&mut self, fsync: Fsync) {
        for _ in 0..PORT_TRIES {
            self.port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
            self.write_settings(fsync);
            // Somebody else may have taken the port meanwhile.
            if self.pg_ctl().args(["-l", "log", "-w", "-s", "start"]).status().unwrap().success() {
                return;
            }
        }
        panic!("{}", fs::read_to_string(self.folder.path().join("log")).unwrap_or_default());
    }

    fn write_settings(&self, fsync: Fsync) {
        let folder = self.folder.path().display();
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{folder}'\nfsync = {}\n\
             max_connections = 60\nshared_buffers = '64MB'\nlogging_collector = off\nssl = on\n\
             ssl_cert_file = '{folder}/server.crt'\nssl_key_file = '{folder}/server.key'\n",
            self.port,
            if fsync == Fsync::On { "on" } else { "off" },
        );
        fs::write(self.folder.path().join("data/postgresql.auto.conf"), settings).unwrap();
    }

    fn pg_ctl(&self) -> Command {
        let mut command = as_server(&self.bin.join("pg_ctl"), self.folder.path());
        command.args(["-D", "data"]).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// Name of the database in an address.
pub fn database_of(address: &str) -> &str {
    address.rsplit_once('/').unwrap().1.split('?').next().unwrap()
}

/// The folder of the newest PostgreSQL there is.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|bin| bin.join("initdb").exists())
    };
    found.pop().map(|(_, bin)| bin).or_else(on_path)
}

/// The server refuses to run as root, so there it runs as the user that its package made.
fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| run(Command::new("id").arg("-u")).trim() == "0")
}

fn as_server(program: &Path, folder: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", SUPERUSER, "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(folder);
    command
}

fn give_to_server(folder: &Path) {
    if is_root() {
        run(Command::new("chown").arg("-R").arg(SUPERUSER).arg(folder));
    }
}

/// The process that stops the server when this one is gone.
fn watch(bin: &Path, folder: &Path) -> Child {
    let mut command = as_server(Path::new("sh"), folder);
    command.args(["-c", WATCHDOG]).arg(bin.join("pg_ctl")).arg(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Two authorities, and a certificate of the first for the server.
fn make_certificates(folder: &Path) {
    let openssl = |args: &[&str]| {
        run(Command::new("openssl").args(args).current_dir(folder));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
    for (name, subject) in [("ca", "/CN=onemap test authority"), ("other", "/CN=another authority")] {
        let files = ["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt"), "-subj", subject];
        openssl(&[&["req", "-x509"], &key[..], &files[..]].concat());
    }
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    let request = ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"];
    openssl(&[&["req"], &key[..5], &request[..]].concat());
    openssl(&[
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "30",
        "-extfile",
        "names",
        "-out",
        "server.crt",
    ]);
}

/// Runs a command that must succeed; its output.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|err| panic!("{command:?}: {err}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
