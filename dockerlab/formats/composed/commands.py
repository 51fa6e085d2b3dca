"""The words of ``docker compose``, in the table of formats/grammar.py.

The flags between ``compose`` and its word are those of the block ``compose`` itself.
"""

from __future__ import annotations

_DRY = "      --dry-run         only say what would be done"
_TIMEOUT = "  -t, --timeout int     seconds to wait before a container is killed"
_NEW = """
      --build           build images first
      --force-recreate  make containers anew, even if nothing changed
      --no-build        build no image, even if it is missing
      --no-recreate     leave containers as they are
      --pull string     always, missing or never
      --quiet-pull      no progress of pulls
      --remove-orphans  remove containers of services that are not in the file
      --scale list      SERVICE=NUMBER of containers
"""

COMPOSE_TABLE = f"""
compose | -- [COMMAND...] | Define and run applications of several containers
      --all-resources   networks and volumes too that no service uses
      --ansi string     never, always or auto
      --compatibility   as the first Compose did
{_DRY}
      --env-file list   a file of variables for the compose file
  -f, --file list       a compose file, several are laid over each other
      --parallel int    how much is done at once
      --profile list    a profile to switch on
      --progress string  auto, tty, plain or quiet
      --project-directory string  what paths are relative to
  -p, --project-name string  the project's name
compose up | [SERVICE...] | Create and start containers
      --abort-on-container-exit  stop all when one ends
      --attach list     follow the output of these services only
{_NEW}
  -d, --detach          do not follow their output
{_DRY}
      --exit-code-from string  answer with the exit code of this service
      --no-attach list  do not follow the output of these services
      --no-color        no colours
      --no-deps         not what they depend on
      --no-log-prefix   lines without their service
      --no-start        create only
  -V, --renew-anon-volumes  new volumes where they have no name
{_TIMEOUT}
      --timestamps      with times
      --wait            wait until all are running or healthy
      --wait-timeout int  seconds to wait at most
compose down | [SERVICE...] | Stop and remove containers and networks
{_DRY}
      --remove-orphans  containers of services that are not in the file, too
      --rmi string      images too: local or all
{_TIMEOUT}
  -v, --volumes         volumes too, with their data
compose build | [SERVICE...] | Build the images of services
      --build-arg list  a value for ARG, NAME=value
{_DRY}
      --no-cache        build every step anew
      --pull            pull the base images first
  -q, --quiet           print nothing
compose create | [SERVICE...] | Create containers without starting them
{_NEW}
{_DRY}
compose ps | [SERVICE...] | List the project's containers
  -a, --all             stopped ones too
      --filter list     status=STATUS
      --format string   table, json or TEMPLATE
      --no-trunc        whole texts
  -q, --quiet           ids only
      --services        names of services only
      --status list     only those in this state
compose logs | [SERVICE...] | View what containers wrote
  -f, --follow          go on with what comes
      --index int       the container of several
      --no-color        no colours
      --no-log-prefix   lines without their service
      --since string    from a time or a while ago on
  -n, --tail string     only the last lines
  -t, --timestamps      with times
      --until string    up to a time
compose exec | SERVICE COMMAND -- [ARG...] | Run a command in a service's container
  -d, --detach          in the background
  -e, --env list        an environment variable, NAME=value
      --index int       the container of several
  -i, --interactive     keep its input open
  -T, --no-TTY          no terminal
      --privileged      all rights
  -t, --tty             a terminal
  -u, --user string     the user
  -w, --workdir string  the working directory
compose run | SERVICE -- [COMMAND] [ARG...] | Run a command in a new container of a service
      --build           build its image first
  -d, --detach          in the background, print its id
      --entrypoint string  replaces the image's entry point
  -e, --env list        an environment variable, NAME=value
  -i, --interactive     keep its input open
  -l, --label list      a label
      --name string     the container's name
  -T, --no-TTY          no terminal
      --no-deps         not what it depends on
  -p, --publish list    a port, HOST:CONTAINER
      --quiet-pull      no progress of pulls
      --remove-orphans  remove containers of services that are not in the file
      --rm              remove the container when it ends
  -P, --service-ports   publish the ports of the service
  -t, --tty             a terminal
      --use-aliases     answer to the service's names
  -u, --user string     the user
  -v, --volume list     a volume or folder, SOURCE:TARGET
  -w, --workdir string  the working directory
compose stop | [SERVICE...] | Stop containers
{_DRY}
{_TIMEOUT}
compose start | [SERVICE...] | Start stopped containers
{_DRY}
compose restart | [SERVICE...] | Stop containers and start them again
{_DRY}
      --no-deps         not those that depend on them
{_TIMEOUT}
compose kill | [SERVICE...] | End containers at once
{_DRY}
      --remove-orphans  containers of services that are not in the file, too
  -s, --signal string   another signal
compose pause | [SERVICE...] | Freeze containers
{_DRY}
compose unpause | [SERVICE...] | Let frozen containers go on
{_DRY}
compose rm | [SERVICE...] | Remove stopped containers
{_DRY}
  -f, --force           do not ask
  -s, --stop            stop them first
  -v, --volumes         their nameless volumes too
compose scale | SERVICE=NUMBER... | Set how many containers services have
{_DRY}
      --no-deps         not what they depend on
compose config, compose convert | [SERVICE...] | Show the compose file as it counts
      --format string   yaml or json
      --hash string     the hash of these services (or *), one a line
      --images          names of images, one a line
  -o, --output string   write it to a file
      --profiles        names of profiles, one a line
  -q, --quiet           check only
      --services        names of services, one a line
      --volumes         names of volumes, one a line
compose pull | [SERVICE...] | Download images
{_DRY}
      --ignore-buildable  not those that can be built
      --include-deps    those of services it depends on, too
  -q, --quiet           no progress
compose port | SERVICE PORT | Show where a port is published
      --index int       the container of several
      --protocol string  tcp or udp
compose top | [SERVICE...] | Show the processes
compose images | [SERVICE...] | List the images of the project's containers
      --format string   table or json
  -q, --quiet           ids only
compose cp | SOURCE TARGET | Copy a file between a service's container and here
      --index int       the container of several
compose events | [SERVICE...] | Show what happens to the project's containers
      --json            one JSON object a line
compose version | | Show the version
  -f, --format string   pretty or json
      --short           the number only
compose ls | | List projects
  -a, --all             stopped ones too
      --filter list     name=NAME
      --format string   table or json
  -q, --quiet           names only
"""
